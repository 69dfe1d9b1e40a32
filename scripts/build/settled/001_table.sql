CREATE TABLE rehearsal (i int);
