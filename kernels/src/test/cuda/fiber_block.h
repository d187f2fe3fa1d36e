// Runs the threads of a CUDA block on one CPU thread: a fiber each, switched at barriers and warp intrinsics only.
// What a GPU leaves undefined becomes a fault with a text: divergent barriers, warp intrinsics whose mask names an
// exited or absent lane, lanes that never arrive. The order of blocks, warps and lanes is forward, reverse or shuffled, so
// that a missing barrier changes a result in at least one of them. x86-64 only.
#pragma once
#include <sys/mman.h>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
extern "C" {
void* __tsan_get_current_fiber();
void* __tsan_create_fiber(unsigned flags);
void __tsan_switch_to_fiber(void* fiber, unsigned flags);
void __tsan_acquire(void* address);
void __tsan_release(void* address);
}
// Never inlined, and without a container: what is inlined into a kernel, or instantiated from a template, is instrumented,
// and the scheduler's own bookkeeping would be reported as a race.
#define STAND_IN_UNSANITIZED __attribute__((no_sanitize("thread"), noinline))
#else
#define STAND_IN_UNSANITIZED
#endif

namespace stand_in {
struct Dim {
    unsigned x, y, z;
    constexpr Dim(unsigned x = 1, unsigned y = 1, unsigned z = 1) : x(x), y(y), z(z) {}
    uint64_t count() const { return uint64_t(x) * y * z; }
};

enum class State : uint8_t { ready, at_barrier, at_warp, done };

constexpr unsigned WARP = 32;
constexpr unsigned MOST_THREADS = 1024;
constexpr size_t STACK = 64 * 1024;

struct Fiber {
    void* stack_pointer = nullptr;
    Dim thread;
    unsigned linear = 0;
    State state = State::done;
    const char* site = nullptr;  // barrier waited at
    unsigned mask = 0;           // lanes of the warp intrinsic waited at
    unsigned source = 0;         // lane whose value is wanted
    uint64_t offered = 0, received = 0;
    bool predicate = false;
    unsigned ballot = 0;
#if defined(__SANITIZE_ADDRESS__)
    void* fake_stack = nullptr;
#endif
#if defined(__SANITIZE_THREAD__)
    void* tsan = nullptr;
    unsigned barriers = 0, exchanges = 0, warp_exchanges = 0;
    char tags[2] = {};  // only their addresses matter
    char* tag = nullptr;  // released on arrival at a warp intrinsic
    char* peers[WARP] = {};
    unsigned peer_count = 0;
#endif
};

extern "C" void stand_in_switch(void** save, void* load);

// The fibers of one CPU thread. Block after block runs on the same stacks.
struct Block {
    std::vector<Fiber> fibers{MOST_THREADS};
    char* stacks = nullptr;
    void* scheduler = nullptr;
    Fiber* current = nullptr;
    unsigned threads = 0;
    Dim index, size, grid;
    char* dynamic_shared = nullptr;
    void* static_shared = nullptr;
    size_t static_shared_bytes = 0;
    unsigned predicates = 0;  // threads whose predicate held at the last barrier
    void (*kernel)(void**) = nullptr;
    void** arguments = nullptr;
    std::string fault;
#if defined(__SANITIZE_ADDRESS__)
    void* fake_stack = nullptr;
    const void* scheduler_stack = nullptr;
    size_t scheduler_size = 0;
#endif
#if defined(__SANITIZE_THREAD__)
    void* tsan = nullptr;
    char barrier_tags[2] = {}, done_tag = 0, start_tag = 0;
    char warp_tags[MOST_THREADS / WARP][2] = {};
#endif

    Block() {
        void* memory = mmap(nullptr, MOST_THREADS * STACK, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory == MAP_FAILED) {
            std::perror("stand-in: stacks");
            std::abort();
        }
        stacks = static_cast<char*>(memory);
    }
    ~Block() { munmap(stacks, MOST_THREADS * STACK); }
    Block(const Block&) = delete;
    Block& operator=(const Block&) = delete;
};

inline thread_local Block* block = nullptr;

// ---- switching ---------------------------------------------------------------------------------------------------

STAND_IN_UNSANITIZED inline void to_scheduler(bool last) {
    Fiber* fiber = block->current;
    (void)last;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(last ? nullptr : &fiber->fake_stack, block->scheduler_stack, block->scheduler_size);
#endif
#if defined(__SANITIZE_THREAD__)
    __tsan_switch_to_fiber(block->tsan, 1);
#endif
    stand_in_switch(&fiber->stack_pointer, block->scheduler);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fiber->fake_stack, &block->scheduler_stack, &block->scheduler_size);
#endif
}

STAND_IN_UNSANITIZED inline void to_fiber(Block& b, Fiber& fiber) {
    b.current = &fiber;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(&b.fake_stack, b.stacks + fiber.linear * STACK, STACK);
#endif
#if defined(__SANITIZE_THREAD__)
    __tsan_switch_to_fiber(fiber.tsan, 1);
#endif
    stand_in_switch(&b.scheduler, fiber.stack_pointer);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(b.fake_stack, nullptr, nullptr);
#endif
}

// Unsanitized, for it never returns: each would leave a frame on the sanitizer's own stack.
extern "C" STAND_IN_UNSANITIZED inline void stand_in_fiber() {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(nullptr, &block->scheduler_stack, &block->scheduler_size);
#endif
#if defined(__SANITIZE_THREAD__)
    __tsan_acquire(&block->start_tag);
#endif
    block->kernel(block->arguments);
    block->current->state = State::done;
#if defined(__SANITIZE_THREAD__)
    __tsan_release(&block->done_tag);
#endif
    to_scheduler(true);
    std::abort();
}

// ---- what a kernel waits for -------------------------------------------------------------------------------------

STAND_IN_UNSANITIZED inline unsigned barrier(const char* site, bool predicate) {
    Fiber* fiber = block->current;
    fiber->site = site;
    fiber->predicate = predicate;
    fiber->state = State::at_barrier;
#if defined(__SANITIZE_THREAD__)
    char* tag = &block->barrier_tags[fiber->barriers++ & 1];
    __tsan_release(tag);
#endif
    to_scheduler(false);
#if defined(__SANITIZE_THREAD__)
    __tsan_acquire(tag);
#endif
    return block->predicates;
}

#if defined(__SANITIZE_THREAD__)
// What a lane's exchange orders it by: the warp's tag where all its lanes take part, else its own. A lane that acquired
// the tag of each of 31 peers would cost the sanitizer 31 vector clocks of a block's threads.
STAND_IN_UNSANITIZED inline char* exchange_tag(Fiber* fiber) {
    unsigned first = fiber->linear / WARP * WARP;
    unsigned lanes = block->threads - first < WARP ? block->threads - first : WARP;
    unsigned present = lanes == WARP ? ~0u : (1u << lanes) - 1;
    if ((fiber->mask & present) == present) return &block->warp_tags[fiber->linear / WARP][fiber->warp_exchanges++ & 1];
    return &fiber->tags[fiber->exchanges++ & 1];
}
#endif

STAND_IN_UNSANITIZED inline Fiber* exchange(unsigned mask, uint64_t offered, unsigned source, bool predicate) {
    Fiber* fiber = block->current;
    fiber->mask = mask;
    fiber->offered = offered;
    fiber->source = source;
    fiber->predicate = predicate;
    fiber->state = State::at_warp;
#if defined(__SANITIZE_THREAD__)
    fiber->tag = exchange_tag(fiber);
    __tsan_release(fiber->tag);
#endif
    to_scheduler(false);
#if defined(__SANITIZE_THREAD__)
    for (unsigned i = 0; i < fiber->peer_count; ++i) __tsan_acquire(fiber->peers[i]);
#endif
    return fiber;
}

// ---- scheduling --------------------------------------------------------------------------------------------------

// 0 forward, 1 reverse, from 2 on a shuffle seeded by the number
template <typename T>
void arrange(std::vector<T>& items, uint64_t order) {
    for (size_t i = 0, j = items.size(); order == 1 && i + 1 < j--; ++i) std::swap(items[i], items[j]);
    for (size_t i = items.size(); order >= 2 && i > 1; --i) {
        order = order * 6364136223846793005ull + 1442695040888963407ull;
        std::swap(items[i - 1], items[(order >> 33) % i]);
    }
}

inline void fault(Block& b, const Fiber& fiber, const std::string& what) {
    if (!b.fault.empty()) return;
    char place[128];
    std::snprintf(place, sizeof place, " (block %u,%u,%u thread %u,%u,%u)", b.index.x, b.index.y, b.index.z, fiber.thread.x,
                  fiber.thread.y, fiber.thread.z);
    b.fault = what + place;
}

// Releases every group of lanes that has arrived; true if there was one.
STAND_IN_UNSANITIZED inline bool release_groups(Block& b, unsigned first, unsigned lanes) {
    unsigned waiting = 0;
    bool released = false;
    for (unsigned lane = 0; lane < lanes; ++lane) waiting |= unsigned(b.fibers[first + lane].state == State::at_warp) << lane;
    unsigned present = lanes == WARP ? ~0u : (1u << lanes) - 1;
    while (waiting) {
        unsigned lowest = __builtin_ctz(waiting);
        Fiber& leader = b.fibers[first + lowest];
        unsigned mask = leader.mask & present;
        if (!(mask >> lowest & 1)) {
            fault(b, leader, "warp intrinsic: the caller's lane is not in its mask");
            return false;
        }
        bool complete = true;
        for (unsigned lane = 0; lane < lanes; ++lane) {
            if (!(mask >> lane & 1)) continue;
            Fiber& fiber = b.fibers[first + lane];
            if (fiber.state == State::done) {
                fault(b, leader, "warp intrinsic: its mask names a lane that has exited");
                return false;
            }
            complete &= fiber.state == State::at_warp && (fiber.mask & present) == mask;
        }
        waiting &= ~(1u << lowest);
        if (!complete) continue;
        unsigned ballot = 0;
        for (unsigned lane = 0; lane < lanes; ++lane)
            if (mask >> lane & 1) ballot |= unsigned(b.fibers[first + lane].predicate) << lane;
        for (unsigned lane = 0; lane < lanes; ++lane) {
            if (!(mask >> lane & 1)) continue;
            Fiber& fiber = b.fibers[first + lane];
            if (fiber.source >= WARP || !(mask >> fiber.source & 1)) {
                fault(b, fiber, "shuffle: reads a lane outside its mask");
                return false;
            }
            fiber.received = b.fibers[first + fiber.source].offered;
            fiber.ballot = ballot;
#if defined(__SANITIZE_THREAD__)
            fiber.peer_count = 0;
            for (unsigned peer = 0; peer < lanes; ++peer)
                if (mask >> peer & 1) {
                    char* tag = b.fibers[first + peer].tag;
                    if (!fiber.peer_count || fiber.peers[0] != tag) fiber.peers[fiber.peer_count++] = tag;
                }
#endif
        }
        for (unsigned lane = 0; lane < lanes; ++lane)
            if (mask >> lane & 1) b.fibers[first + lane].state = State::ready;
        waiting &= ~mask;
        released = true;
    }
    return released;
}

// Runs a warp until each lane has exited or waits at a barrier.
STAND_IN_UNSANITIZED inline void run_warp(Block& b, unsigned first, unsigned lanes, const std::vector<unsigned>& lane_order) {
    do {
        for (unsigned lane : lane_order)
            if (lane < lanes && b.fibers[first + lane].state == State::ready) to_fiber(b, b.fibers[first + lane]);
    } while (release_groups(b, first, lanes));
    if (!b.fault.empty()) return;
    for (unsigned lane = 0; lane < lanes; ++lane) {
        Fiber& fiber = b.fibers[first + lane];
        if (fiber.state == State::at_warp) fault(b, fiber, "warp intrinsic: lanes of its mask never arrive");
    }
}

// Checks that all threads wait at the same barrier, and lets them go; false when all have exited.
STAND_IN_UNSANITIZED inline bool pass_barrier(Block& b) {
    unsigned waiting = 0, predicates = 0;
    const Fiber* first = nullptr;
    for (unsigned t = 0; t < b.threads; ++t) {
        Fiber& fiber = b.fibers[t];
        if (fiber.state != State::at_barrier) continue;
        if (!first) first = &fiber;
        if (std::strcmp(first->site, fiber.site) != 0)
            fault(b, fiber, std::string("divergent barrier: threads wait at ") + first->site + " and " + fiber.site);
        ++waiting;
        predicates += fiber.predicate;
    }
    if (!waiting) return false;
    if (waiting != b.threads) fault(b, *first, std::string("divergent barrier: threads have exited, others wait at ") + first->site);
    b.predicates = predicates;
    for (unsigned t = 0; t < b.threads; ++t) b.fibers[t].state = State::ready;
    return true;
}

STAND_IN_UNSANITIZED inline void run_block(Block& b, uint64_t order) {
#if defined(__SANITIZE_THREAD__)
    b.tsan = __tsan_get_current_fiber();
    __tsan_release(&b.start_tag);
#endif
    for (unsigned t = 0; t < b.threads; ++t) {
        Fiber& fiber = b.fibers[t];
        fiber.linear = t;
        fiber.thread = Dim(t % b.size.x, t / b.size.x % b.size.y, t / (b.size.x * b.size.y));
        // The first switch pops six registers and returns into the fiber; 64 bytes keep the ABI's alignment.
        void** top = reinterpret_cast<void**>(b.stacks + (t + 1) * STACK - 64);
        top[0] = reinterpret_cast<void*>(&stand_in_fiber);
        top[1] = nullptr;
        std::memset(top - 6, 0, 6 * sizeof(void*));
        fiber.stack_pointer = top - 6;
        fiber.state = State::ready;
#if defined(__SANITIZE_THREAD__)
        // Kept from block to block: the sanitizer takes 100 microseconds to set up a fiber.
        if (!fiber.tsan) fiber.tsan = __tsan_create_fiber(0);
        fiber.barriers = fiber.exchanges = fiber.warp_exchanges = 0;
#endif
    }
    std::vector<unsigned> warps((b.threads + WARP - 1) / WARP), lanes(WARP);
    for (unsigned i = 0; i < warps.size(); ++i) warps[i] = i;
    for (unsigned i = 0; i < WARP; ++i) lanes[i] = i;
    arrange(warps, order);
    arrange(lanes, order);
    do {
        for (unsigned warp : warps) {
            unsigned first = warp * WARP;
            unsigned count = b.threads - first < WARP ? b.threads - first : WARP;
            run_warp(b, first, count, lanes);
        }
    } while (b.fault.empty() && pass_barrier(b) && b.fault.empty());
#if defined(__SANITIZE_THREAD__)
    __tsan_acquire(&b.done_tag);  // blocks are ordered: races within a block are reported, not those between blocks
#endif
}
}  // namespace stand_in
