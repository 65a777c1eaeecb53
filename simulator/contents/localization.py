"""What a requester translates of a project, a task or a suite: kept and shown, as performers here read everything."""

from simulator.elements.shapes import closed, listed, one_of, text

CODES = """
AA AB AE AF AK AM AN AR AS AV AY AZ BA BE BG BH BI BM BN BO BR BS CA CE CH CO CR CS CU CV CY DA DE DV DZ EE EL EN EO
ES ET EU FA FF FI FJ FO FR FY GA GD GL GN GU GV HA HE HI HO HR HT HU HY HZ IA ID IE IG II IK IO IS IT IU JA JV KA KG
KI KJ KK KL KM KN KO KR KS KU KV KW KY LA LB LG LI LN LO LT LU LV MG MH MI MK ML MN MR MS MT MY NA NB ND NE NG NL NN
NO NR NV NY OC OJ OM OR OS PA PI PL PS PT PT-BR QU RM RN RO RU RW SA SC SD SE SG SI SK SL SM SN SO SQ SR SS ST SU SV
SW TA TE TG TH TI TK TL TN TO TR TS TT TW TY UG UK UR UZ VE VI VO WA WO XH YI YO ZA ZH ZH-HANS ZU
"""
LANGUAGES = tuple(CODES.split())
TRANSLATED = {"value": text, "source": text}
ADDITIONAL = {
    "language": one_of(*LANGUAGES),
    "public_name": closed(TRANSLATED),
    "public_description": closed(TRANSLATED),
    "public_instructions": closed(TRANSLATED),
    "tb_view_spec": closed({"keys": listed(closed({"key": text} | TRANSLATED))}),
    "message_on_unknown_solution": closed({"value": text, "source": one_of("REQUESTER")}),
}
SHAPE = closed({"default_language": one_of(*LANGUAGES), "additional_languages": listed(closed(ADDITIONAL))})
"""A localization_config."""
