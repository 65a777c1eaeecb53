import re
from pathlib import Path

from toloka.client.error_codes import ValidationErrorCodes

import simulator

SOURCE = "".join(path.read_text(encoding="utf-8") for path in Path(simulator.__file__).parent.rglob("*.py"))


def test_every_flaw_has_a_code_that_clients_know():
    used = set(re.findall(r'(?:flaw\(|_wrong\(path, |: \((?="[A-Z_]+(?:EXPECTED|SYNTAX)))"([A-Z_]+)"', SOURCE))
    known = {code.value for code in ValidationErrorCodes}
    assert len(used) > 12
    assert used <= known
