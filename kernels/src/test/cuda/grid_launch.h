// Kernels by name, and the launch of a grid on a pool of CPU threads.
#pragma once
#include <link.h>

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "fiber_block.h"

namespace stand_in {
struct Parameter {
    size_t size;
    bool pointer;
};

struct Kernel {
    std::string name;
    void (*invoke)(void** arguments);
    std::vector<Parameter> parameters;
};

inline std::map<std::string, Kernel>& kernels() {
    static std::map<std::string, Kernel> all;
    return all;
}

template <auto K>
struct Invoke;
template <typename... A, void (*K)(A...)>
struct Invoke<K> {
    static_assert(((std::is_pointer_v<A> || std::is_arithmetic_v<A>)&&...), "parameters are numbers or pointers");
    template <size_t... I>
    static void spread(void** arguments, std::index_sequence<I...>) {
        K(*static_cast<std::remove_const_t<A>*>(arguments[I])...);
    }
    static void invoke(void** arguments) { spread(arguments, std::index_sequence_for<A...>{}); }
    static std::vector<Parameter> parameters() { return {Parameter{sizeof(A), std::is_pointer_v<A>}...}; }
};

struct Registration {
    Registration(const char* name, void (*invoke)(void**), std::vector<Parameter> parameters) {
        kernels()[name] = {name, invoke, std::move(parameters)};
    }
};
#define STAND_IN_KERNEL(k) \
    static stand_in::Registration registration_##k{#k, &stand_in::Invoke<&k>::invoke, stand_in::Invoke<&k>::parameters()};

// CPU threads that live as long as the process: their stacks are reused from launch to launch.
class Pool {
public:
    static Pool& instance() {
        static Pool* pool = new Pool;
        return *pool;
    }

    // Runs work(0) … work(count - 1), each on its own thread, and waits.
    void run(unsigned count, const std::function<void()>& work) {
        std::unique_lock<std::mutex> lock(mutex_);
        while (threads_ < count) {
            std::thread([this] { serve(); }).detach();
            ++threads_;
        }
        work_ = &work;
        wanted_ = running_ = count;
        wake_.notify_all();
        done_.wait(lock, [this] { return running_ == 0; });
        work_ = nullptr;
    }

private:
    void serve() {
        std::unique_lock<std::mutex> lock(mutex_);
        for (;;) {
            wake_.wait(lock, [this] { return wanted_ > 0; });
            --wanted_;
            const std::function<void()>& work = *work_;
            lock.unlock();
            work();
            lock.lock();
            if (--running_ == 0) done_.notify_all();
        }
    }

    std::mutex mutex_;
    std::condition_variable wake_, done_;
    const std::function<void()>* work_ = nullptr;
    unsigned threads_ = 0, wanted_ = 0, running_ = 0;
};

// The 0xFF bytes are a NaN in float and double, and -1 in integers.
constexpr int POISON = 0xFF;

// Static shared memory is the thread-local segment of this library: found once for each CPU thread, poisoned as a whole.
inline void find_static_shared(Block& own) {
#if !defined(STAND_IN_SANITIZED)
    dl_iterate_phdr(
        [](dl_phdr_info* info, size_t, void* data) {
            bool here = false;
            const ElfW(Phdr)* local = nullptr;
            ElfW(Addr) self = reinterpret_cast<ElfW(Addr)>(&find_static_shared) - info->dlpi_addr;
            for (int i = 0; i < info->dlpi_phnum; ++i) {
                const ElfW(Phdr)& part = info->dlpi_phdr[i];
                here |= part.p_type == PT_LOAD && self >= part.p_vaddr && self < part.p_vaddr + part.p_memsz;
                if (part.p_type == PT_TLS) local = &part;
            }
            if (here && local && info->dlpi_tls_data) {
                Block* own = static_cast<Block*>(data);
                own->static_shared = info->dlpi_tls_data;
                own->static_shared_bytes = local->p_memsz;
            }
            return int(here);
        },
        &own);
#endif
    (void)own;
}

inline void poison_static_shared() {
    Block* own = block;
    if (own->static_shared) std::memset(own->static_shared, POISON, own->static_shared_bytes);
    block = own;
}

struct Launch {
    const Kernel* kernel;
    Dim grid, size;
    size_t dynamic_shared;
    void** arguments;
    unsigned threads;
    uint64_t order;
};

// Runs the grid; gives what went wrong, or nothing.
inline std::string run_grid(const Launch& launch) {
    uint64_t blocks = launch.grid.count();
    constexpr uint64_t MOST_SHUFFLED = 1 << 20;
    std::vector<uint64_t> sequence;
    if (launch.order >= 2 && blocks <= MOST_SHUFFLED) {
        sequence.resize(blocks);
        for (uint64_t i = 0; i < blocks; ++i) sequence[i] = i;
        arrange(sequence, launch.order);
    }
    std::atomic<uint64_t> next{0};
    std::mutex mutex;
    std::string fault;
    std::function<void()> work = [&] {
        static thread_local Block* kept = nullptr;
        Block* own = kept;
        if (!own) {
            own = new Block;
            block = own;
            find_static_shared(*own);
        }
        block = own;
        own->threads = unsigned(launch.size.count());
        own->size = launch.size;
        own->grid = launch.grid;
        own->kernel = launch.kernel->invoke;
        own->arguments = launch.arguments;
        own->fault.clear();
        // Exactly as long as asked for: a sanitizer sees the first byte behind it.
        size_t bytes = launch.dynamic_shared;
        own->dynamic_shared = bytes ? static_cast<char*>(std::aligned_alloc(16, (bytes + 15) / 16 * 16)) : nullptr;
        for (uint64_t i; (i = next++) < blocks;) {
            uint64_t j = !sequence.empty() ? sequence[i] : launch.order == 1 ? blocks - 1 - i : i;
            own->index = Dim(unsigned(j % launch.grid.x), unsigned(j / launch.grid.x % launch.grid.y),
                             unsigned(j / (uint64_t(launch.grid.x) * launch.grid.y)));
            if (bytes) std::memset(own->dynamic_shared, POISON, bytes);
            poison_static_shared();
            run_block(*own, launch.order < 2 ? launch.order : launch.order + 7919 * j);
            if (!own->fault.empty()) {
                std::lock_guard<std::mutex> lock(mutex);
                if (fault.empty()) fault = own->fault;
                next = blocks;
            }
        }
        std::free(own->dynamic_shared);
        kept = own;  // poisoned with the rest of the segment
    };
#if defined(STAND_IN_SANITIZED)
    work();
#else
    Pool::instance().run(unsigned(std::min<uint64_t>(launch.threads ? launch.threads : 1, blocks)), work);
#endif
    return fault;
}
}  // namespace stand_in
