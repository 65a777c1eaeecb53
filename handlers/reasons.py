"""What a refused performer is told, in his language: which pictures, who says so, and what is wrong with them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from store.errors import CrowdhookError

LONGEST_COMMENT = 2048  # characters that Toloka takes
WHAT_IS_WRONG = ("missed", "loose", "object", "other")  # the words that questions are answered with


class NoText(CrowdhookError):
    """There are no texts in this language for performers whose work is refused: choose one of those that are known."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The sentences of one language; they name {n}, the picture's number, {bad} of {votes} votes, and {count}."""

    counted: str  # so many people found the outline wrong
    looked_at: str  # somebody looked and found the outline wrong
    more: str  # so many pictures are wrong besides
    missed: str
    loose: str
    object: str
    other: str
    stop: str = "."

    def reason(self, word: str) -> str:
        """Return the text of one of `WHAT_IS_WRONG`; of any other word, that something else is wrong."""
        known = {"missed": self.missed, "loose": self.loose, "object": self.object}
        return known.get(word, self.other)


TEXTS: Mapping[str, Texts] = {
    "AR": Texts(
        "الصورة {n}: {bad} من أصل {votes} أشخاص وجدوا أن التحديد خاطئ",
        "الصورة {n}: التحديد خاطئ",
        "وعدد الصور الأخرى الخاطئة: {count}",
        "لم يتم تحديد أحد الأجسام",
        "أحد المربعات غير محكم",
        "أحد المربعات يحيط بشيء آخر",
        "يوجد خطأ آخر",
    ),
    "DE": Texts(
        "Bild {n}: {bad} von {votes} Personen fanden die Umrandung falsch",
        "Bild {n}: Die Umrandung ist falsch",
        "Weitere falsche Bilder: {count}",
        "ein Objekt fehlt",
        "ein Rahmen liegt nicht eng an",
        "ein Rahmen umgibt etwas anderes",
        "etwas anderes ist falsch",
    ),
    "EN": Texts(
        "Picture {n}: {bad} of {votes} people found the outline wrong",
        "Picture {n}: the outline is wrong",
        "More wrong pictures: {count}",
        "an object was missed",
        "a box is not tight",
        "a box is around something else",
        "something else is wrong",
    ),
    "ES": Texts(
        "Imagen {n}: {bad} de {votes} personas consideraron incorrecto el contorno",
        "Imagen {n}: el contorno es incorrecto",
        "Otras imágenes incorrectas: {count}",
        "falta un objeto",
        "un recuadro no está ajustado",
        "un recuadro rodea otra cosa",
        "hay otro error",
    ),
    "FR": Texts(
        "Image {n} : {bad} personnes sur {votes} ont jugé le contour incorrect",
        "Image {n} : le contour est incorrect",
        "Autres images incorrectes : {count}",
        "un objet a été oublié",
        "un cadre n'est pas ajusté",
        "un cadre entoure autre chose",
        "il y a une autre erreur",
    ),
    "HI": Texts(
        "चित्र {n}: {votes} में से {bad} लोगों ने रूपरेखा को गलत पाया",
        "चित्र {n}: रूपरेखा गलत है",
        "अन्य गलत चित्र: {count}",
        "एक वस्तु छूट गई",
        "एक बॉक्स कसा हुआ नहीं है",
        "एक बॉक्स किसी और चीज़ पर है",
        "कुछ और गलत है",
        stop="।",
    ),
    "ID": Texts(
        "Gambar {n}: {bad} dari {votes} orang menilai garis tepinya salah",
        "Gambar {n}: garis tepinya salah",
        "Gambar lain yang salah: {count}",
        "ada objek yang terlewat",
        "ada kotak yang tidak pas",
        "ada kotak yang mengelilingi hal lain",
        "ada kesalahan lain",
    ),
    "PT": Texts(
        "Imagem {n}: {bad} de {votes} pessoas consideraram o contorno errado",
        "Imagem {n}: o contorno está errado",
        "Outras imagens erradas: {count}",
        "faltou um objeto",
        "uma caixa não está justa",
        "uma caixa está em volta de outra coisa",
        "há outro erro",
    ),
    "RU": Texts(
        "Изображение {n}: {bad} из {votes} человек сочли обводку неверной",
        "Изображение {n}: обводка неверна",
        "Других неверных изображений: {count}",
        "пропущен объект",
        "рамка прилегает неплотно",
        "рамка обведена вокруг чего-то другого",
        "есть другая ошибка",
    ),
    "TR": Texts(
        "Resim {n}: {votes} kişiden {bad} kişi çizimi yanlış buldu",
        "Resim {n}: çizim yanlış",
        "Diğer yanlış resimler: {count}",
        "bir nesne atlanmış",
        "bir kutu nesneye tam oturmuyor",
        "bir kutu başka bir şeyi çevreliyor",
        "başka bir hata var",
    ),
}


def texts(language: str) -> Texts:
    """Return a language's sentences by Toloka's code, such as EN; raises NoText, naming the known ones."""
    if language not in TEXTS:
        raise NoText(f"{language!r} is not among {', '.join(TEXTS)}.")
    return TEXTS[language]


def refusal(language: str, lines: Sequence[tuple[int, int, int, Sequence[str]]]) -> str:
    """Say which pictures were found wrong: (number on the page, BAD votes, votes, what is wrong) for each.

    At most 2,048 characters: what does not fit is left out by whole lines, and the last one counts it. Raises NoText.
    """
    spoken = texts(language)
    said = [
        _line(spoken, spoken.counted.format(n=number, bad=bad, votes=votes), reasons)
        for number, bad, votes, reasons in lines
    ]
    return _fitting(said, spoken)


def told(language: str, wrong: Sequence[tuple[int, str]]) -> str:
    """Say what a person who looked found wrong: (number on the page, what is wrong) for each; cut like `refusal`."""
    spoken = texts(language)
    said = [_line(spoken, spoken.looked_at.format(n=number), [reason]) for number, reason in wrong]
    return _fitting(said, spoken)


def _line(spoken: Texts, sentence: str, reasons: Sequence[str]) -> str:
    why = ", ".join(spoken.reason(word) for word in reasons if word)
    return sentence + (f" ({why})" if why else "") + spoken.stop


def _fitting(lines: Sequence[str], spoken: Texts) -> str:
    """Return all lines, or as many whole ones as fit, with a last one that counts the others."""
    text = "\n".join(lines)
    kept = len(lines)
    while len(text) > LONGEST_COMMENT:
        kept -= 1
        rest = spoken.more.format(count=len(lines) - kept) + spoken.stop
        text = "\n".join([*lines[:kept], rest])
    return text
