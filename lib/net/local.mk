libgatepost_a_SOURCES += \
	%D%/task-pool.c \
	%D%/task-pool.h
