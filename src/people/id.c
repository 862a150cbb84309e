#include "crypto/random.h"
#include "people/people.h"

uint64_t
people_new_id(void)
{
	return random_id();
}
