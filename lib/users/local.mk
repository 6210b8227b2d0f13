# Users of the mail system, their Maildirs and wishes.
libgatepost_a_SOURCES += %D%/dovecot.c
libgatepost_a_SOURCES += %D%/folder-name.c
libgatepost_a_SOURCES += %D%/folder-name.h
libgatepost_a_SOURCES += %D%/identity.c
libgatepost_a_SOURCES += %D%/identity.h
libgatepost_a_SOURCES += %D%/preferences.c
libgatepost_a_SOURCES += %D%/preferences.h
libgatepost_a_SOURCES += %D%/template.c
libgatepost_a_SOURCES += %D%/template.h
libgatepost_a_SOURCES += %D%/users-file.c
libgatepost_a_SOURCES += %D%/users-private.h
libgatepost_a_SOURCES += %D%/users.c
libgatepost_a_SOURCES += %D%/users.h
