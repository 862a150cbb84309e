/*
 * Commands on a data directory: init, demo, serve. Exit codes: 0 done,
 * 1 it did not work, 2 called wrongly.
 */
#ifndef SERVE_COMMAND_H
#define SERVE_COMMAND_H

/* argv[0] is the command's name. */
int command_init(int argc, char **argv);
int command_demo(int argc, char **argv);
int command_serve(int argc, char **argv);

#endif
