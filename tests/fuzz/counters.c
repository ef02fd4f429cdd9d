/* For a server that loads a module with coverage: tells the fuzzer where the module counts. The server is
 * started with this library in LD_PRELOAD.
 *
 * The compiler's coverage counters are bytes in the module's own memory, and the module calls a function with
 * their bounds when it is loaded. The fuzzer, which has started the server, reads and clears the counters through
 * the operating system, so nothing else of the server has to change. The other functions that the compiler calls
 * do nothing here.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

void __sanitizer_cov_8bit_counters_init(char *start, char *end) {
    const char *path = getenv("REDIS_SESSION_COUNTERS");
    FILE *file = path ? fopen(path, "w") : NULL;
    if (!file) return;
    fprintf(file, "%lu %lu\n", (unsigned long)start, (unsigned long)(end - start));
    fclose(file);
}

__thread uintptr_t __sancov_lowest_stack;

void __sanitizer_cov_pcs_init(const uintptr_t *start, const uintptr_t *end) { (void)start, (void)end; }
void __sanitizer_cov_trace_pc_indir(uintptr_t callee) { (void)callee; }
void __sanitizer_cov_trace_switch(uint64_t value, uint64_t *cases) { (void)value, (void)cases; }
void __sanitizer_cov_trace_cmp1(uint8_t a, uint8_t b) { (void)a, (void)b; }
void __sanitizer_cov_trace_cmp2(uint16_t a, uint16_t b) { (void)a, (void)b; }
void __sanitizer_cov_trace_cmp4(uint32_t a, uint32_t b) { (void)a, (void)b; }
void __sanitizer_cov_trace_cmp8(uint64_t a, uint64_t b) { (void)a, (void)b; }
void __sanitizer_cov_trace_const_cmp1(uint8_t a, uint8_t b) { (void)a, (void)b; }
void __sanitizer_cov_trace_const_cmp2(uint16_t a, uint16_t b) { (void)a, (void)b; }
void __sanitizer_cov_trace_const_cmp4(uint32_t a, uint32_t b) { (void)a, (void)b; }
void __sanitizer_cov_trace_const_cmp8(uint64_t a, uint64_t b) { (void)a, (void)b; }
void __sanitizer_cov_trace_div4(uint32_t value) { (void)value; }
void __sanitizer_cov_trace_div8(uint64_t value) { (void)value; }
void __sanitizer_cov_trace_gep(uintptr_t index) { (void)index; }
