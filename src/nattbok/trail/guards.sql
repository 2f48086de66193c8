-- What was done was done: an act is never changed, only undone by another.
CALL nattbok_keep('trail_act', ':appname');
