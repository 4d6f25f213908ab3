"""Numbers of queries that more than one module of tests compares with."""

# 1 how many there are, 2 the trends of the page with how they moved, 3 their tags, 4 those of the
# picture, 5 their tags, for each of the six kinds of filter 1 its counts, and 1 the rows of tags,
# audiences and experts.
INDEX_QUERIES = 14

# 1 the trend, 2 its tags, 3 drivers, 4 mentions with expert, video and source, 5 their tags,
# 6 implications with audience, 7 the timeline, 8 assessments, 9 who cites what, 10 the sources,
# 11 the other trends to which it links. The mission allows twelve.
TREND_PAGE_QUERIES = 11
