-- What was attached to an entry stays attached.
CALL nattbok_keep('vouchers_attachment', ':appname');
