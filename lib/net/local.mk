libgatepost_a_SOURCES += \
	%D%/daemon.c \
	%D%/daemon.h \
	%D%/socket.c \
	%D%/socket.h \
	%D%/task-pool.c \
	%D%/task-pool.h
