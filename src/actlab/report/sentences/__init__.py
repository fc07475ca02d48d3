"""What a run shows, in words: functions from readings to sentences with their numbers, independent of any page."""

from actlab.report.sentences._say import Said, join, said, say, tell, told_of, worded

__all__ = ["Said", "join", "said", "say", "tell", "told_of", "worded"]
