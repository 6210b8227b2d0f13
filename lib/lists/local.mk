libgatepost_a_SOURCES += %D%/lists.h
