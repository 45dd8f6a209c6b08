"""The English words that name nothing to be seen: articles, prepositions, and how people ask for pictures."""

from __future__ import annotations

_WORDS = """
a an the any some this that these those it its they them their there here he his him she her hers we
our us i me my mine you your who whose which what where when while one ones another other others each
both either same s d ll re ve m
is are was were be been being am do does did done have has had having will would shall should can could
may might must let lets get gets got
of in on at to from by for with within into onto upon up down off out over under above below beside
besides between among amid around about along across through near nearby next as like than then so if
and or but nor also too just only very really quite rather such against towards toward during after
before plus together instead now again still else all every much many more most lots lot
please want wants wanted need needs like wish give show shows showing shown see seen look looks looking
draw draws drawing drawn paint paints painting painted sketch create creates created generate generates
make makes making made produce design render rendering depict depicting depicts featuring feature
containing contains contain including includes imagine picture pictures image images illustration
artwork art scene scenes view
turn turns change changes changing changed set put puts place placed move add adds added remove delete
erase replace swap recolour recolor colour color coloured colored colours colors keep kept leave
background foreground time weather season style light setting take away
says saying say reads reading text word words written sign label labelled labeled
standing stands stand something anything everything nothing thing things"""
SMALL_WORDS = frozenset(_WORDS.split())
"""What is asked for does not depend on them, as far as the rules can tell."""
