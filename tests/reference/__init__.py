"""The C core once more, slow and obvious: what the headers of `_core` say, straight away.

* `tables`: the figures that the C sources hold, read from their text;
* `escape`: a text as it reads with its escapes resolved;
* `scan`: where a text first looks as if it were damaged;
* `foreign`: where a text first looks as if a wrong codec had made it foreign;
* `runs`: a run cut into whole sequences and what is left over, and its evidence;
* `layer`: what a whole text tells of its damage, and the text less one layer.

Texts are `str`, decoders are named by their numbers, evidence is in units of 1/8 nat.
"""

from .escape import find_escape, resolve
from .foreign import find_foreign
from .layer import undo, weigh
from .scan import find_invalid_utf8, find_suspect

__all__ = [
    "find_escape",
    "find_foreign",
    "find_invalid_utf8",
    "find_suspect",
    "resolve",
    "undo",
    "weigh",
]
