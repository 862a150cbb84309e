/* Help and manual page, made from the commands' rows and the action table. */
#include <string.h>

#include "base/buf.h"
#include "cli/command.h"

/* "init [--key-file FILE] DATA" */
static void
write_use(const struct cli_command *c, struct buf *to)
{
	buf_add_str(to, c->name);
	for (size_t i = 0; i < 4 && c->options[i] != NULL; i++)
		for (const struct cli_option *o = c->options[i];
		     o->name != NULL; o++)
			buf_add_printf(to, " [--%s%s%s]%s", o->name,
			    o->argument == NULL ? "" : " ",
			    o->argument == NULL ? "" : o->argument,
			    o->many ? "..." : "");
	buf_add_printf(to, " %s", c->operands);
}

void
cli_help(const struct cli_commands *c, FILE *to)
{
	cli_say(to, c->lang, WORD_CLI_HELP_HEAD, NULL);
	for (size_t i = 0; i < c->n; i++)
		fprintf(to, "  %s %s\n      %s\n", c->list[i]->name,
		    c->list[i]->operands,
		    word_text(c->list[i]->what, c->lang));
	fputc('\n', to);
	cli_say(to, c->lang, WORD_CLI_HELP_ACTIONS, NULL);
	for (size_t i = 0; i < action_count; i++)
		fprintf(to, "  %-20s %s\n", actions[i]->name,
		    word_text(actions[i]->title, c->lang));
	fputc('\n', to);
	cli_say(to, c->lang, WORD_CLI_HELP_END, NULL);
}

void
cli_help_command(const struct cli_command *c, enum lang lang, FILE *to)
{
	char name[64];
	struct buf use = buf_of(4096);
	write_use(c, &use);
	fprintf(to, "fumikura %.*s\n\n%s\n\n", (int)use.n, use.p,
	    word_text(c->what, lang));
	buf_close(&use);
	for (size_t i = 0; i < 4 && c->options[i] != NULL; i++)
		for (const struct cli_option *o = c->options[i];
		     o->name != NULL; o++) {
			(void)snprintf(name, sizeof(name), "%s%s%s", o->name,
			    o->argument == NULL ? "" : " ",
			    o->argument == NULL ? "" : o->argument);
			fprintf(to, "  --%s\n      %s\n", name,
			    word_text(o->what, lang));
		}
	fprintf(to, "  --lang ja|en\n      %s\n",
	    word_text(WORD_CLI_OPTION_LANG, lang));
}

/* The inputs that the client adds to each action's own. */
static const struct cli_option client_options[] = {
    {"server", "URL", WORD_CLI_OPTION_SERVER, false},
    {"session", "TOKEN", WORD_CLI_OPTION_SESSION, false},
    {"ca-file", "FILE", WORD_CLI_OPTION_CA_FILE, false},
    {"lang", "ja|en", WORD_CLI_OPTION_LANG, false},
    {NULL, NULL, WORD_NONE, false},
};

bool
cli_help_action(const char *name, enum lang lang, FILE *to)
{
	const struct action *a = action_by_name(slice_of(name));
	if (a == NULL)
		return false;
	fprintf(to, "fumikura %s\n\n%s\n\n", a->name,
	    word_text(a->help, lang));
	for (const struct field *f = a->input; f->name != NULL; f++)
		fprintf(to, "  --%-14s %s%s%s\n", f->name,
		    word_text(f->label, lang), f->required
		    ? word_text(WORD_CLI_HELP_REQUIRED, lang) : "", f->many
		    ? word_text(WORD_CLI_HELP_MANY, lang) : "");
	fputc('\n', to);
	for (const struct cli_option *o = client_options; o->name != NULL; o++)
		fprintf(to, "  --%-14s %s\n", o->name,
		    word_text(o->what, lang));
	return true;
}

/* To mdoc a backslash or a leading dot means something, and a sentence ends
 * with its line. */
static void
put_plain(const char *s, FILE *to)
{
	bool begins = true;
	for (; *s != '\0'; s++) {
		if (begins && (*s == '.' || *s == '\''))
			fputs("\\&", to);
		begins = s[0] == '.' && s[1] == ' ';
		if (*s == '\\')
			fputs("\\e", to);
		else
			fputc(*s, to);
		if (begins)
			fputc('\n', to);
		s += begins;
	}
	if (!begins)
		fputc('\n', to);
}

static void
put_option(const struct cli_option *o, enum lang lang, FILE *to)
{
	fprintf(to, ".It Fl -%s", o->name);
	if (o->argument != NULL)
		fprintf(to, " Ar %s", o->argument);
	fputc('\n', to);
	put_plain(word_text(o->what, lang), to);
}

static void
put_command(const struct cli_command *c, enum lang lang, FILE *to)
{
	fprintf(to, ".It Cm %s Ar %s\n", c->name, c->operands);
	put_plain(word_text(c->what, lang), to);
	if (c->options[0] == NULL)
		return;
	fputs(".Bl -tag -width Ds\n", to);
	for (size_t i = 0; i < 4 && c->options[i] != NULL; i++)
		for (const struct cli_option *o = c->options[i];
		     o->name != NULL; o++)
			put_option(o, lang, to);
	fputs(".El\n", to);
}

void
cli_manual(const struct cli_commands *c, FILE *to)
{
	enum lang lang = c->lang;
	/* the day it was built, or that of SOURCE_DATE_EPOCH */
	fprintf(to, ".Dd %.6s, %s\n.Dt FUMIKURA 1\n.Os\n.Sh NAME\n"
	    ".Nm fumikura\n.Nd ", __DATE__, &__DATE__[7]);
	put_plain(word_text(WORD_CLI_MAN_ABOUT, lang), to);
	fputs(".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar argument ...\n"
	    ".Sh DESCRIPTION\n", to);
	put_plain(word_text(WORD_CLI_HELP_HEAD, lang), to);
	fputs(".Bl -tag -width Ds\n", to);
	for (size_t i = 0; i < c->n; i++)
		put_command(c->list[i], lang, to);
	fputs(".El\n.Pp\n", to);
	put_plain(word_text(WORD_CLI_HELP_ACTIONS, lang), to);
	fputs(".Bl -tag -width Ds\n", to);
	for (const struct cli_option *o = client_options; o->name != NULL; o++)
		put_option(o, lang, to);
	for (size_t i = 0; i < action_count; i++) {
		const struct action *a = actions[i];
		fprintf(to, ".It Cm %s\n", a->name);
		put_plain(word_text(a->help, lang), to);
		for (const struct field *f = a->input; f->name != NULL; f++)
			fprintf(to, ".br\n.Fl -%s :\n%s%s\n", f->name,
			    word_text(f->label, lang), f->required
			    ? word_text(WORD_CLI_HELP_REQUIRED, lang) : "");
	}
	fputs(".El\n.Sh ENVIRONMENT\n.Bl -tag -width Ds\n"
	    ".It Ev FUMIKURA_SESSION\n", to);
	put_plain(word_text(WORD_CLI_OPTION_SESSION, lang), to);
	fputs(".It Ev LC_ALL , LC_MESSAGES , LANG\n", to);
	put_plain(word_text(WORD_CLI_OPTION_LANG, lang), to);
	fputs(".El\n.Sh EXIT STATUS\n", to);
	put_plain(word_text(WORD_CLI_MAN_EXIT, lang), to);
}
