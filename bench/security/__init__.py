"""brinery and its rivals on the attack corpus and on honest files; see docs/security-rivals.md."""
