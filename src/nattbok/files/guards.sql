-- What came is kept as it came.
CALL nattbok_keep('files_file', ':appname');
CALL nattbok_keep('files_arrival', ':appname');
