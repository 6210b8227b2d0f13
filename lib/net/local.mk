libgatepost_a_SOURCES += \
	%D%/daemon.c \
	%D%/daemon.h \
	%D%/server.c \
	%D%/server.h \
	%D%/socket.c \
	%D%/socket.h \
	%D%/stream.c \
	%D%/stream.h \
	%D%/task-pool.c \
	%D%/task-pool.h
libgatepost_a_SOURCES += %D%/smtp-client.c
libgatepost_a_SOURCES += %D%/smtp-client.h
libgatepost_a_SOURCES += %D%/smtp-reply.c
libgatepost_a_SOURCES += %D%/smtp-reply.h
