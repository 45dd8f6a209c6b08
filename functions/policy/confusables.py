"""Letters that look like a Latin letter, after Unicode's UTS #39 (security mechanisms).

The policy's own terms pass the same tables, so that a Russian term is found although its letters become Latin
ones. Every pair is the letter, and the letter that it looks like.
"""

from __future__ import annotations

# Before anything is folded: a capital eta looks like an H, a small one like an n, a lunate sigma like a c.
_GREEK_CAPITALS = "Ϲc ϲc Αa Βb Εe Ζz Ηh Ιi Κk Μm Νn Οo Ρp Τt Υy Χx"

_LOOKALIKES = (
    "аa вb гr еe зe іi кk мm нh оo пn рp сc тt уy хx ьb ѕs ԁd ԛq ԝw һh ѵv јj ӏi ө0 ғf",  # Cyrillic
    "αa βb γy εe ηn ιi κk νv οo ρp τt υu χx ωw ςc",  # Greek
    "օo ոn սu հh գq ցg զq յj",  # Armenian
    "Ꭰd Ꭱr Ꭲt Ꭵi Ꭹy Ꭺa Ꭻj Ꭼe Ꮁn Ꮃw Ꮇm Ꮋh Ꮍy Ꮐg Ꮑn Ꮒh Ꮓz Ꮟb",  # Cherokee, whose small letters fold up
    "Ꮢr Ꮤw Ꮥs Ꮩv Ꮪs Ꮮl Ꮯc Ꮲp Ꮶk Ꮹg Ᏻg Ᏼb",
    "ⲁa ⲃb ⲅr ⲉe ⲍz ⲏh ⲓi ⲕk ⲙm ⲛn ⲟo ⲣp ⲥc ⲧt ⲩy ⲭx ⲱw ϥq ϳj",  # Coptic
    "ꓐb ꓑp ꓓd ꓔt ꓖg ꓗk ꓙj ꓚc ꓜz ꓝf ꓟm ꓠn ꓡl ꓢs ꓣr ꓦv ꓧh ꓪw ꓫx ꓬy ꓮa ꓰe ꓲi ꓳo ꓴu",  # Lisu
    "ⴍo ⴎu 𐐬o 𐐽c 𐑃l 𐑈s",  # Georgian and Deseret
    "ɑa ᴀa ʙb ƅb ɓb ƀb ᴄc ɗd ɖd ᴅd đd ðd ᴇe ɛe əe ꜰf ƒf ɡg ɢg ɠg ʜh ɦh ħh ɪi ıi ɩi ɨi ᴊj ʝj ᴋk ƙk ʟl ɭl łl",
    "ƚl ᴍm ɱm ɴn ɲn ƞn ᴏo ɵo øo ᴘp ƥp þp ʀr ɾr ɹr ꜱs ʂs ᴛt ƭt ŧt ᴜu ʋv ᴠv ᴡw ʏy ƴy ᴢz ʐz ʒz ꜧh",
)

# Letters in boxes and on flags, which NFKC does not know as letters.
_BOXED_A = (0x1F130, 0x1F150, 0x1F170, 0x1F1E6)


def _translation_table(pairs: str) -> dict[int, str]:
    return {ord(pair[0]): pair[1] for pair in pairs.split()}


CAPITALS = _translation_table(_GREEK_CAPITALS) | {
    a + n: chr(ord("a") + n) for a in _BOXED_A for n in range(26)
}
"""For ``str.translate``, before anything is folded."""

SMALL = _translation_table(" ".join(_LOOKALIKES))
"""For ``str.translate``, after it."""

LEET = _translation_table("0o 3e 4a 5s 7t 8b 9g @a $s €e £l ¥y ¢c 1i !i |i ¡i")
"""Digits and signs that stand for letters. One, l and i pass for each other: l becomes i everywhere."""

ARABIC = _translation_table("أا إا آا ٱا ىي یي ةه کك ؤو ئي")
"""One spelling for what Arabic, Persian and Urdu keyboards write differently."""
