"""What looks at pictures: critics that score them, finders of what a name means, suggesters of edits."""
