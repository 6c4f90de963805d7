"""Prior: how likely damage is before a text is seen; the one place of all such figures."""

from __future__ import annotations

from . import _core

# Log odds, in nats, that a suspect is damaged when nothing is known of its document.
DAMAGE = -9.0

# Log posterior odds, in nats, from which a run is repaired: 19 to 1.
ACCEPT = 3.0

# Evidence of a run beyond this, in nats, speaks for damage of its document, for clean text may
# happen to look damaged by as much; and the evidence beyond which a run tells nothing more.
MISFIT = 10.0
MOST = 20.0

# What a decoder can lose at most, in nats, in a document that another one damaged.
STRANGER = 8.0

# Evidence, in nats, from which a run is repaired where nothing else is damaged, in the mean of what
# classes and the language model tell, if classes alone are not enough and it cannot be a letter and
# a sign: more than any run of the clean corpora has that is not damaged.
AGREED = 9.5

# Log odds of damage, in nats, of a pair in a document that is damaged throughout, at most.
FAVOUR = 6.0

# What it costs, in nats, that a code point in a lossy run was written as it stands; each kind of
# loss; and each lossless span that shows what is said to be lost.
LITERAL, LOSS, MISMATCH = 8.0, 2.0, 4.0

# What the original of a run that nothing but itself makes suspect may cost, in nats by letter:
# beyond, the model does not know its language. An emoji may cost as much as three letters.
MOST_LONE = 6.0

# What it costs, in nats, that soft hyphens were dropped besides: a tool that drops what does not
# show mostly drops them, too. As much that spaces were squeezed, an NBSP among them.
BESIDES = 0.5

# What it costs, in nats, that lossy runs were damaged by one more layer.
TWICE = 4.0

# Where a layer loses so many byte values the model is too sure of itself, for what stands around a
# place is not sure either: the odds of what it restores are taken to this power. With 0.5, of what
# is given 0.99 in pages without their C1 controls 98 to 99.8 % is right; with 0.4 a third of
# Ukrainian is left.
MANY_BYTES, DOUBT = 12, 0.5

# The same for what is less than 0.99 in text that was read with a codec of several bytes: of what
# the model gives 0.97 there some 80 % is right.
DOUBT_FOREIGN = 0.5

# Where a greater share of the code points that lost a byte is probably wrong, or lost two, only
# what stands by itself is guessed. Where no spaces tell words apart so many times as much is wrong
# as the model says, as in Thai pages.
HOPELESS, HOPELESS_TWICE = 0.12, 0.25
WRONG_UNSPACED = 2

# Where a greater share of a line that was read with a codec of several bytes is probably wrong, it
# is left; of a short text, if so many of its guesses are: then it is wrong more often than right.
HOPELESS_FOREIGN, HOPELESS_SHORT, SHORT = 0.03, 0.5, 300  # code points

# How much rarer than cp1252 each wrong decoder is, in nats. Tuned on no text: what reports of
# damage name often, sometimes, hardly ever.
OFTEN, SOMETIMES, RARELY, HARDLY = 1.0, 2.5, 3.0, 4.0
RARER = {
    "cp1252": 0.0,
    "latin-1": 0.5,
    "cp1250": OFTEN,
    "cp1251": OFTEN,
    "cp1254": OFTEN,
    "mac-roman": SOMETIMES,
    "cp437": OFTEN,
    "cp850": OFTEN,
    "cp1253": SOMETIMES,
    "cp1255": SOMETIMES,
    "cp1256": SOMETIMES,
    "cp1257": SOMETIMES,
    "cp852": SOMETIMES,
    "cp866": SOMETIMES,
    "cp874": SOMETIMES,
    "iso8859-2": SOMETIMES,
    "koi8-r": SOMETIMES,
    "cp1258": HARDLY,
    "iso8859-5": HARDLY,
    "iso8859-7": HARDLY,
    "iso8859-9": HARDLY,
    "iso8859-15": HARDLY,
    "iso8859-16": HARDLY,
    "koi8-u": HARDLY,
    "mac-cyrillic": HARDLY,
    "gbk": OFTEN,
    "cp932": OFTEN,
    "cp949": OFTEN,
    "cp950": SOMETIMES,
    "euc_jp": HARDLY,
}

# -log of how likely it is, in nats, that a suspect of a text was read with a codec of several
# bytes; and that it was written with another legacy codec than it was read with, where nothing but
# the language tells.
TRANSCODED, LEGACY = 9.0, 12.0

# What it costs, in nats, that damage begins in a line of a text that is damaged, and ends in it.
ENTER, LEAVE = 4.0, 2.0

# Evidence, in nats, by which a way must be better than another one that gives another text.
MARGIN = 4.0

# What it costs, in nats, that a word is spelt in another way than usual: with a capital, in
# capitals, or in other forms of usual characters.
CAPITALS = 2.0

# By how many nats it is more usual than the rarity of both codecs says that Windows-1252 was called
# Latin-1: for browsers the two are one.
CALLED_LATIN_1 = 6.0

# How much rarer than GBK each legacy source is, in nats.
RARER_SOURCE = dict.fromkeys(RARER, HARDLY) | {
    "gbk": 0.0,
    "cp1251": 0.0,
    "cp932": OFTEN,
    "cp949": OFTEN,
    "cp1252": 0.0,
    "cp950": OFTEN,
    "euc_jp": OFTEN,
    "cp1250": OFTEN,
    "koi8-r": OFTEN,
    "cp866": OFTEN,
    "cp437": OFTEN,
    "cp850": OFTEN,
    "mac-roman": OFTEN,
    "cp1253": SOMETIMES,
    "cp1254": SOMETIMES,
    "cp1255": SOMETIMES,
    "cp1256": SOMETIMES,
    "cp1257": SOMETIMES,
    "cp852": SOMETIMES,
    "cp874": SOMETIMES,
    "iso8859-2": RARELY,
    "iso8859-7": RARELY,
    "iso8859-5": RARELY,
}


def _units(nats: float) -> int:
    return round(nats * _core.UNITS_PER_NAT)


_RARER = [RARER[name] for name in _core.DECODERS]

# The prior of one-byte decoders as the core takes it, in its units: log odds and preference by
# decoder, and what holds for all of them.
PRIOR = (
    tuple(_units(DAMAGE - nats) for nats in _RARER),
    tuple(_units(-nats) for nats in _RARER),
    tuple(map(_units, (ACCEPT, MISFIT, MOST, STRANGER, FAVOUR, LOSS, MOST_LONE, LITERAL, AGREED))),
)
