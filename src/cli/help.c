/* Help and manual page, made from the action table. */
#include "action/action.h"
#include "cli/client.h"

static const struct {
	const char *use;
	const char *what;
} commands[] = {
    {"init --origin NAME [--key-file FILE | --two-persons] DATA",
        "Make a new installation: keys, an empty ledger, recovery shares."},
    {"demo [--residents N] [--store SPEC] DATA",
        "Make a demonstration of five bodies with invented people."},
    {"serve [--listen ADDRESS] [--port N] [--plain-http] DATA",
        "Serve the pages and the API until told to stop."},
    {"ledger verify DIR [--key VKEY]",
        "Check a log from its first entry to its last, without any secret."},
    {"ledger export DIR OUT [--key VKEY]",
        "Write a log as a plain tlog-tiles tree for others to check."},
    {"pack check PATH...", "Check regulations: file, line, what to do."},
    {"pack coverage PACK [--stories FILE]",
        "Which provision is answered by what, and whether that is proven."},
};

enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

void
cli_help(FILE *to)
{
	fprintf(to, "fumikura: keeps personal information under the "
	    "regulation of its body\n\nOn this machine:\n");
	for (size_t i = 0; i < COMMANDS; i++)
		fprintf(to, "  fumikura %s\n      %s\n", commands[i].use,
		    commands[i].what);
	fprintf(to, "\nOn a running server (--server URL, session in "
	    "FUMIKURA_SESSION):\n");
	for (size_t i = 0; i < action_count; i++)
		fprintf(to, "  %-20s %s\n", actions[i]->name,
		    word_text(actions[i]->title, LANG_EN));
	fprintf(to, "\n`fumikura help NAME` tells the inputs of one.\n");
}

bool
cli_help_action(const char *name, FILE *to)
{
	const struct action *a = action_by_name(slice_of(name));
	if (a == NULL)
		return false;
	fprintf(to, "fumikura %s\n\n%s\n\n", a->name,
	    word_text(a->help, LANG_EN));
	for (const struct field *f = a->input; f->name != NULL; f++)
		fprintf(to, "  --%-14s %s%s%s\n", f->name,
		    word_text(f->label, LANG_EN), f->required ? " (required)"
		    : "", f->many ? " (may be repeated)" : "");
	return true;
}

/* A backslash or a leading dot means something to mdoc. */
static void
put_plain(const char *s, FILE *to)
{
	if (*s == '.' || *s == '\'')
		fputs("\\&", to);
	for (; *s != '\0'; s++) {
		if (*s == '\\')
			fputs("\\e", to);
		else
			fputc(*s, to);
	}
	fputc('\n', to);
}

void
cli_manual(FILE *to)
{
	fputs(".Dd $Mdocdate$\n.Dt FUMIKURA 1\n.Os\n.Sh NAME\n.Nm fumikura\n"
	    ".Nd keep personal information under its regulation\n"
	    ".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar argument ...\n"
	    ".Sh DESCRIPTION\nCommands on this machine:\n.Bl -tag -width Ds\n",
	    to);
	for (size_t i = 0; i < COMMANDS; i++) {
		fputs(".It ", to);
		put_plain(commands[i].use, to);
		put_plain(commands[i].what, to);
	}
	fputs(".El\n.Pp\nActions on a running server; inputs are given as\n"
	    ".Fl -name Ar value :\n.Bl -tag -width Ds\n", to);
	for (size_t i = 0; i < action_count; i++) {
		const struct action *a = actions[i];
		fprintf(to, ".It Cm %s\n", a->name);
		put_plain(word_text(a->help, LANG_EN), to);
		for (const struct field *f = a->input; f->name != NULL; f++)
			fprintf(to, ".br\n.Fl -%s :\n%s%s\n", f->name,
			    word_text(f->label, LANG_EN),
			    f->required ? " (required)" : "");
	}
	fputs(".El\n.Sh ENVIRONMENT\n.Bl -tag -width Ds\n"
	    ".It Ev FUMIKURA_SESSION\nThe session that session.logon gave.\n"
	    ".El\n.Sh EXIT STATUS\n0 done, 1 refused or faults found, 2 called "
	    "wrongly, 3 no server.\n", to);
}
