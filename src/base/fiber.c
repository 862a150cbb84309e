#include "base/fiber.h"

#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1
#endif
#endif
#ifdef HAS_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

/*
 * The switch. swapcontext saves the signal mask by two system calls, which
 * is ten times the cost of the rest; on x86-64 a few instructions do, on
 * other machines ucontext does.
 */
#ifdef __x86_64__
struct context {
	void *sp;
};

void fiber_switch(void **save_sp, void *sp);
__asm__(".text\n"
	".type fiber_switch, @function\n"
	"fiber_switch:\n"
	"	endbr64\n"
	"	pushq %rbp\n"
	"	pushq %rbx\n"
	"	pushq %r12\n"
	"	pushq %r13\n"
	"	pushq %r14\n"
	"	pushq %r15\n"
	"	movq %rsp, (%rdi)\n"
	"	movq %rsi, %rsp\n"
	"	popq %r15\n"
	"	popq %r14\n"
	"	popq %r13\n"
	"	popq %r12\n"
	"	popq %rbx\n"
	"	popq %rbp\n"
	"	ret\n"
	".size fiber_switch, .-fiber_switch\n");

static void
context_switch(struct context *save, struct context *to)
{
	fiber_switch(&save->sp, to->sp);
}
#else
#include <ucontext.h>

struct context {
	ucontext_t u;
};

static void
context_switch(struct context *save, struct context *to)
{
	must(swapcontext(&save->u, &to->u) == 0);
}
#endif

struct fiber {
	struct fiber_pool *pool;
	struct fiber *next;  /* in the pool's list of free ones */
	void *map;           /* guard page and stack */
	struct context here; /* where the fiber stands */
	struct context back; /* whoever woke it */
	void (*fn)(struct fiber *self, void *arg);
	void *arg;
	bool is_waiting;
	bool is_done;
#ifdef HAS_ASAN
	void *fake_here;
	void *fake_back;
	const void *back_stack;
	size_t back_bytes;
#endif
};

struct fiber_pool {
	struct fiber *free;
	size_t alive;
	size_t max;
};

static size_t
page_bytes(void)
{
	return (size_t)sysconf(_SC_PAGESIZE);
}

static void *
stack_of(struct fiber *f)
{
	return (char *)f->map + page_bytes();
}

/* Tell the address sanitizer about the stacks; nothing in other builds. */
static void
before_enter(struct fiber *f)
{
#ifdef HAS_ASAN
	__sanitizer_start_switch_fiber(&f->fake_back, stack_of(f),
	    FIBER_STACK_BYTES);
#else
	(void)f;
#endif
}

static void
after_enter(struct fiber *f)
{
#ifdef HAS_ASAN
	__sanitizer_finish_switch_fiber(f->fake_here, &f->back_stack,
	    &f->back_bytes);
#else
	(void)f;
#endif
}

static void
before_leave(struct fiber *f)
{
#ifdef HAS_ASAN
	/* at its end the fiber's fake stack goes, and its next user has none */
	f->fake_here = NULL;
	__sanitizer_start_switch_fiber(f->is_done ? NULL : &f->fake_here,
	    f->back_stack, f->back_bytes);
#else
	(void)f;
#endif
}

static void
after_leave(struct fiber *f)
{
#ifdef HAS_ASAN
	__sanitizer_finish_switch_fiber(f->fake_back, NULL, NULL);
#else
	(void)f;
#endif
}

static _Noreturn void
live(struct fiber *f)
{
	for (;;) {
		after_enter(f);
		f->fn(f, f->arg);
		f->is_done = true;
		before_leave(f);
		context_switch(&f->here, &f->back);
	}
}

#ifdef __x86_64__
/* live()'s argument waits in r12: the first switch pops it there. */
void fiber_begin(void);
__asm__(".text\n"
	".type fiber_begin, @function\n"
	"fiber_begin:\n"
	"	endbr64\n"
	"	movq %r12, %rdi\n"
	"	callq *%r13\n"
	"	ud2\n"
	".size fiber_begin, .-fiber_begin\n");

static bool
context_make(struct context *c, struct fiber *f, char *stack)
{
	void **top = (void **)(void *)(stack + FIBER_STACK_BYTES);
	*--top = NULL; /* two: the stack is aligned as a call wants it */
	*--top = NULL;
	*--top = (void *)(uintptr_t)fiber_begin;
	*--top = NULL;                      /* rbp */
	*--top = NULL;                      /* rbx */
	*--top = f;                         /* r12 */
	*--top = (void *)(uintptr_t)live;   /* r13 */
	*--top = NULL;                      /* r14 */
	*--top = NULL;                      /* r15 */
	c->sp = top;
	return true;
}
#else
/* makecontext hands on ints only: the pointer comes in two halves. */
static void
begin(unsigned high, unsigned low)
{
	live((void *)((uintptr_t)high << 32 | (uintptr_t)low));
}

static bool
context_make(struct context *c, struct fiber *f, char *stack)
{
	if (getcontext(&c->u) != 0)
		return false;
	c->u.uc_stack.ss_sp = stack;
	c->u.uc_stack.ss_size = FIBER_STACK_BYTES;
	c->u.uc_link = NULL;
	uintptr_t p = (uintptr_t)f;
	makecontext(&c->u, (void (*)(void))begin, 2, (unsigned)(p >> 32),
	    (unsigned)p);
	return true;
}
#endif

static struct fiber *
fiber_make(struct fiber_pool *pool)
{
	struct fiber *f = mem_alloc(1, sizeof(*f));
	if (f == NULL)
		return NULL;
	f->map = mmap(NULL, FIBER_STACK_BYTES + page_bytes(),
	    PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (f->map == MAP_FAILED ||
	    mprotect(f->map, page_bytes(), PROT_NONE) != 0 ||
	    !context_make(&f->here, f, stack_of(f))) {
		if (f->map != MAP_FAILED)
			(void)munmap(f->map, FIBER_STACK_BYTES + page_bytes());
		mem_free(f);
		return NULL;
	}
	f->pool = pool;
	return f;
}

/* Into the fiber, and out again at its next wait or at its end. */
static void
run(struct fiber *f)
{
	f->is_waiting = false;
	before_enter(f);
	context_switch(&f->back, &f->here);
	after_leave(f);
	if (!f->is_done)
		return;
	f->is_done = false;
	f->next = f->pool->free;
	f->pool->free = f;
	f->pool->alive--;
}

struct fiber_pool *
fiber_pool_open(size_t max)
{
	struct fiber_pool *pool = mem_alloc(1, sizeof(*pool));
	if (pool != NULL)
		pool->max = max;
	return pool;
}

void
fiber_pool_close(struct fiber_pool *pool)
{
	if (pool == NULL)
		return;
	must(pool->alive == 0);
	while (pool->free != NULL) {
		struct fiber *f = pool->free;
		pool->free = f->next;
		(void)munmap(f->map, FIBER_STACK_BYTES + page_bytes());
		mem_free(f);
	}
	mem_free(pool);
}

bool
fiber_start(struct fiber_pool *pool,
    void (*fn)(struct fiber *self, void *arg), void *arg, struct err *err)
{
	if (pool->alive >= pool->max)
		return ERR(err, ERR_BUSY, "%zu requests at once", pool->max);
	struct fiber *f = pool->free;
	if (f != NULL)
		pool->free = f->next;
	else if ((f = fiber_make(pool)) == NULL)
		return ERR(err, ERR_BUSY, "no memory for another request");
	f->fn = fn;
	f->arg = arg;
	pool->alive++;
	run(f);
	return true;
}

void
fiber_wait(struct fiber *self)
{
	self->is_waiting = true;
	before_leave(self);
	context_switch(&self->here, &self->back);
	after_enter(self);
}

void
fiber_wake(struct fiber *f)
{
	must(f->is_waiting);
	run(f);
}

size_t
fiber_pool_alive(const struct fiber_pool *pool)
{
	return pool->alive;
}
