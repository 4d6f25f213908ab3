"""Numbers of queries that more than one module of tests compares with."""

# 1 the number of trends, 2-3 those of a page, 4 their tags; 5-7 the counts of status, confidence
# and year; 8-13 counts and rows of tags, audiences and experts; 14-17 the last assessments,
# forecasts made and settled, and retirements.
INDEX_QUERIES = 17
# A list that is filtered does not tell what changed, and some of its counts need no query.
FILTERED_INDEX_QUERIES = 11

# 1 the trend, 2 its tags, 3 drivers, 4 mentions with expert, video and source, 5 their tags,
# 6 implications with audience, 7 the timeline, 8 assessments, 9 what would change them, 10 who
# cites what, 11 the sources, 12 the other trends to which it links. The mission allows twelve.
TREND_PAGE_QUERIES = 12
