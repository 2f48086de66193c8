"""The test bank's doors, over real sockets: SFTP, REST, and its file service for people."""
