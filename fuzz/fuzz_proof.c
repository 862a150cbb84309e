/* Proof files: any bytes are safe, and no fuzzer proves anything. */
#include <stddef.h>
#include <stdint.h>

#include "base/must.h"
#include "ledger/proof.h"

#include "target.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t pub[SIGN_PUBLIC_BYTES] = {1};
	struct checkpoint_keys keys;
	struct checkpoint c;
	struct proof p;
	uint8_t leaf[HASH_BYTES] = {1};
	uint8_t root[HASH_BYTES] = {0};
	if (!proof_read(slice_bytes(data, size), &p, NULL))
		return 0;
	must(p.path.n <= TREE_PROOF_MAX);
	must(checkpoint_keys_of(SLICE("fumikura.example/test"), pub, &keys,
	    NULL));
	must(!proof_check(&p, SLICE("entry"), &keys, &c, NULL));
	must(!tree_is_included(leaf, p.index, p.index * 2 + 1, root, &p.path));
	(void)tree_is_consistent(p.index, root, p.index * 3 + 1, root,
	    &p.path);
	return 0;
}
