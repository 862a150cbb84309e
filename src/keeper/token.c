/*
 * PKCS#11: an AES key in a token wraps 32 bytes (CKM_AES_KEY_WRAP; RFC 3394).
 * The module is loaded in the helper, never in the keeper.
 */
#include <dlfcn.h>
#include <string.h>

#include <p11-kit/pkcs11.h>

#include "base/mem.h"
#include "keeper/unlock.h"

enum { SLOTS_MAX = 64, LABEL_BYTES = 32 };

struct token {
	void *module;
	CK_FUNCTION_LIST *f;
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE key;
	bool is_started, has_session;
};

static void
token_close(struct token *t)
{
	if (t->has_session) {
		(void)t->f->C_Logout(t->session);
		(void)t->f->C_CloseSession(t->session);
	}
	if (t->is_started)
		(void)t->f->C_Finalize(NULL);
	if (t->module != NULL)
		(void)dlclose(t->module);
}

static bool
fault(struct err *err, CK_RV rv, const char *what)
{
	return ERR(err, rv == CKR_PIN_INCORRECT ? ERR_DENIED : ERR_SYSTEM,
	    "the token refused (%s, 0x%lx)", what, (unsigned long)rv);
}

/* Labels are padded with spaces. */
static bool
is_label(const unsigned char label[LABEL_BYTES], const char *name)
{
	size_t n = strlen(name);
	if (n > LABEL_BYTES || memcmp(label, name, n) != 0)
		return false;
	for (; n < LABEL_BYTES; n++)
		if (label[n] != ' ')
			return false;
	return true;
}

static bool
load(struct token *t, const char *module, struct err *err)
{
	CK_C_GetFunctionList get;
	if (module == NULL)
		return ERR(err, ERR_INPUT, "no PKCS#11 module was named");
	t->module = dlopen(module, RTLD_NOW | RTLD_LOCAL);
	if (t->module == NULL)
		return ERR(err, ERR_SYSTEM, "cannot load the PKCS#11 module");
	void *symbol = dlsym(t->module, "C_GetFunctionList");
	if (symbol == NULL)
		return ERR(err, ERR_SYSTEM, "this is no PKCS#11 module");
	memcpy(&get, &symbol, sizeof(get));
	CK_RV rv = get(&t->f);
	if (rv != CKR_OK)
		return fault(err, rv, "function list");
	rv = t->f->C_Initialize(NULL);
	if (rv != CKR_OK)
		return fault(err, rv, "initialize");
	t->is_started = true;
	return true;
}

static bool
find_slot(struct token *t, const char *label, CK_SLOT_ID *ret,
    struct err *err)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG n = SLOTS_MAX;
	CK_TOKEN_INFO info;
	CK_RV rv = t->f->C_GetSlotList(CK_TRUE, slots, &n);
	if (rv != CKR_OK)
		return fault(err, rv, "slots");
	for (CK_ULONG i = 0; i < n; i++)
		if (t->f->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
		    is_label(info.label, label)) {
			*ret = slots[i];
			return true;
		}
	return ERR(err, ERR_NOT_FOUND, "no token of that label is there");
}

static bool
find_key(struct token *t, const char *label, struct err *err)
{
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_KEY_TYPE type = CKK_AES;
	CK_ATTRIBUTE like[] = {
	    {CKA_CLASS, &class, sizeof(class)},
	    {CKA_KEY_TYPE, &type, sizeof(type)},
	    {CKA_LABEL, (void *)(uintptr_t)label, strlen(label)},
	};
	CK_OBJECT_HANDLE found[2];
	CK_ULONG n = 0;
	CK_RV rv = t->f->C_FindObjectsInit(t->session, like, 3);
	if (rv == CKR_OK)
		rv = t->f->C_FindObjects(t->session, found, 2, &n);
	(void)t->f->C_FindObjectsFinal(t->session);
	if (rv != CKR_OK)
		return fault(err, rv, "look for the key");
	if (n > 1)
		return ERR(err, ERR_INPUT,
		    "the token holds several AES keys of that label");
	if (n == 0)
		return ERR(err, ERR_NOT_FOUND,
		    "the token holds no AES key of that label");
	t->key = found[0];
	return true;
}

/* 256 bits that the token keeps: they wrap and unwrap, and never leave it. */
static bool
make_key(struct token *t, const char *label, struct err *err)
{
	CK_MECHANISM how = {CKM_AES_KEY_GEN, NULL, 0};
	CK_BBOOL is = CK_TRUE, is_not = CK_FALSE;
	CK_ULONG bytes = 32;
	CK_ATTRIBUTE like[] = {
	    {CKA_TOKEN, &is, sizeof(is)},
	    {CKA_PRIVATE, &is, sizeof(is)},
	    {CKA_SENSITIVE, &is, sizeof(is)},
	    {CKA_EXTRACTABLE, &is_not, sizeof(is_not)},
	    {CKA_WRAP, &is, sizeof(is)},
	    {CKA_UNWRAP, &is, sizeof(is)},
	    {CKA_VALUE_LEN, &bytes, sizeof(bytes)},
	    {CKA_LABEL, (void *)(uintptr_t)label, strlen(label)},
	};
	CK_RV rv = t->f->C_GenerateKey(t->session, &how, like,
	    sizeof(like) / sizeof(like[0]), &t->key);
	return rv == CKR_OK || fault(err, rv, "make the key");
}

static bool
token_open(struct token *t, const struct unlock *u, struct slice pin,
    bool is_making, struct err *err)
{
	CK_SLOT_ID slot;
	if (u->token == NULL || u->key_label == NULL)
		return ERR(err, ERR_INPUT, "token and key need labels");
	if (!load(t, u->module, err) || !find_slot(t, u->token, &slot, err))
		return false;
	CK_RV rv = t->f->C_OpenSession(slot,
	    CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &t->session);
	if (rv != CKR_OK)
		return fault(err, rv, "session");
	t->has_session = true;
	rv = t->f->C_Login(t->session, CKU_USER,
	    (unsigned char *)(uintptr_t)pin.p, pin.n);
	if (rv != CKR_OK)
		return fault(err, rv, "log-on");
	if (find_key(t, u->key_label, err))
		return true;
	return u->makes_key && is_making && err->code == ERR_NOT_FOUND &&
	    make_key(t, u->key_label, err);
}

/* What is wrapped is a key of the session, which ends with it. */
static const CK_OBJECT_CLASS secret_class = CKO_SECRET_KEY;
static const CK_KEY_TYPE generic_type = CKK_GENERIC_SECRET;
static const CK_BBOOL yes = CK_TRUE;
static const CK_BBOOL no = CK_FALSE;

bool
token_wrap(const struct unlock *u, struct slice pin, const uint8_t key[32],
    uint8_t ret[TOKEN_WRAPPED_BYTES], struct err *err)
{
	struct token t = {0};
	CK_MECHANISM how = {CKM_AES_KEY_WRAP, NULL, 0};
	CK_ATTRIBUTE like[] = {
	    {CKA_CLASS, (void *)(uintptr_t)&secret_class, sizeof(secret_class)},
	    {CKA_KEY_TYPE, (void *)(uintptr_t)&generic_type,
		sizeof(generic_type)},
	    {CKA_TOKEN, (void *)(uintptr_t)&no, sizeof(no)},
	    {CKA_EXTRACTABLE, (void *)(uintptr_t)&yes, sizeof(yes)},
	    {CKA_VALUE, (void *)(uintptr_t)key, 32},
	};
	CK_OBJECT_HANDLE object;
	CK_ULONG n = TOKEN_WRAPPED_BYTES;
	bool ok = token_open(&t, u, pin, true, err);
	if (ok) {
		CK_RV rv = t.f->C_CreateObject(t.session, like, 5, &object);
		if (rv == CKR_OK)
			rv = t.f->C_WrapKey(t.session, &how, t.key, object,
			    ret, &n);
		if (rv != CKR_OK)
			ok = fault(err, rv, "wrap");
		else if (n != TOKEN_WRAPPED_BYTES)
			ok = ERR(err, ERR_SYSTEM,
			    "the token wraps in another form");
	}
	token_close(&t);
	return ok;
}

bool
token_unwrap(const struct unlock *u, struct slice pin,
    const uint8_t wrapped[TOKEN_WRAPPED_BYTES], uint8_t ret[32],
    struct err *err)
{
	struct token t = {0};
	CK_MECHANISM how = {CKM_AES_KEY_WRAP, NULL, 0};
	CK_ATTRIBUTE like[] = {
	    {CKA_CLASS, (void *)(uintptr_t)&secret_class, sizeof(secret_class)},
	    {CKA_KEY_TYPE, (void *)(uintptr_t)&generic_type,
		sizeof(generic_type)},
	    {CKA_TOKEN, (void *)(uintptr_t)&no, sizeof(no)},
	    {CKA_SENSITIVE, (void *)(uintptr_t)&no, sizeof(no)},
	    {CKA_EXTRACTABLE, (void *)(uintptr_t)&yes, sizeof(yes)},
	};
	uint8_t clear[64];
	CK_ATTRIBUTE value = {CKA_VALUE, clear, sizeof(clear)};
	CK_OBJECT_HANDLE object;
	bool ok = token_open(&t, u, pin, false, err);
	if (ok) {
		CK_RV rv = t.f->C_UnwrapKey(t.session, &how, t.key,
		    (unsigned char *)(uintptr_t)wrapped, TOKEN_WRAPPED_BYTES,
		    like, 5, &object);
		if (rv == CKR_OK)
			rv = t.f->C_GetAttributeValue(t.session, object,
			    &value, 1);
		if (rv != CKR_OK)
			ok = fault(err, rv, "unwrap");
		else if (value.ulValueLen != 32)
			ok = ERR(err, ERR_CORRUPT,
			    "the token gave a key of another length");
		else
			memcpy(ret, clear, 32);
	}
	mem_wipe(clear, sizeof(clear));
	token_close(&t);
	return ok;
}
