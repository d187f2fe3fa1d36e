// What the stand-in for a driver knows: settings, memory with its guard zones, queues of work, modules. Included once, by
// libcuda.cpp, which gives it the driver's names.
#pragma once
#include <chrono>
#include <deque>
#include <set>

#include "cuda_on_host.h"
#include "grid_launch.h"
#include "recording.h"

namespace {
using Address = unsigned long long;
using Result = int;

enum : Result {
    SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, NOT_INITIALIZED = 3, NO_DEVICE = 100, INVALID_DEVICE = 101,
    INVALID_IMAGE = 200, INVALID_CONTEXT = 201, NO_BINARY_FOR_GPU = 209, UNSUPPORTED_PTX_VERSION = 222, INVALID_HANDLE = 400,
    NOT_FOUND = 500, NOT_READY = 600, ILLEGAL_ADDRESS = 700, LAUNCH_OUT_OF_RESOURCES = 701, LAUNCH_FAILED = 719,
};

enum Hook {
    RESET = 0x4c4d0000, ORDER, CAPACITY, FAIL_NEXT_LAUNCH, DRIVER_VERSION, DEVICES, INITIALISATION, THREADS, LOSE_CONTEXT,
    RECORDING, LAUNCHES, ALLOCATIONS,
};

// V100 to B200 have at least this much; the dynamic limit is the V100's.
constexpr unsigned SHARED = 48 * 1024, SHARED_OPT_IN = 96 * 1024;
constexpr size_t GUARD = 4096;
constexpr unsigned GUARD_WORD = 0xFFF7A5A5u;  // NaN as a float, and twice in a row as a double

struct Allocation {
    size_t bytes;
    char* base;
};

struct Queue;
struct Event {
    double milliseconds = -1;
    int pending = 0;
    Queue* queue = nullptr;
};
struct Queue {
    std::deque<std::function<Result()>> work;
};
struct Entry {
    const stand_in::Kernel* kernel;
    unsigned most_threads;
    int dynamic_shared = SHARED;
};
struct Module {
    std::map<std::string, Entry> entries;
};

struct Settings {
    uint64_t order = 0;
    size_t capacity = size_t(1) << 30;
    Result fail_next_launch = SUCCESS;
    int driver_version = 12060;
    int devices = 1;
    Result initialisation = SUCCESS;
    unsigned threads = std::thread::hardware_concurrency();
};

Settings from_environment() {
    Settings settings;
    if (const char* text = std::getenv("LEAKMARK_STAND_IN_ORDER")) settings.order = std::strtoull(text, nullptr, 10);
    if (const char* text = std::getenv("LEAKMARK_STAND_IN_THREADS")) settings.threads = unsigned(std::atoi(text));
    return settings;
}

std::recursive_mutex mutex;
#define LOCKED std::lock_guard<std::recursive_mutex> lock(mutex)
Settings settings = from_environment();
bool initialised = false;
int retained = 0;
Result lost = SUCCESS;
size_t used = 0;
long launches = 0;
std::map<Address, Allocation> live;
std::map<char*, size_t> pinned;
std::set<Queue*> queues;
std::map<Event*, std::shared_ptr<Event>> events;
Queue default_queue;
void* const CONTEXT = &initialised;

void*& current() {
    static thread_local void* context = nullptr;
    return context;
}

Result context() { return !initialised ? NOT_INITIALIZED : current() != CONTEXT || !retained ? INVALID_CONTEXT : lost; }
#define IN_CONTEXT \
    LOCKED;        \
    if (Result state = context()) return state

Result lose(Result code) {
    lost = code;
    default_queue.work.clear();
    for (Queue* queue : queues) queue->work.clear();
    return code;
}

Result step(Queue& queue) {
    auto work = std::move(queue.work.front());
    queue.work.pop_front();
    Result result = work();
    return result ? lose(result) : SUCCESS;
}

Result drain(Queue& queue) {
    while (!queue.work.empty())
        if (Result result = step(queue)) return result;
    return lost;
}

Result drain_all() {
    for (Queue* queue : queues)
        if (Result result = drain(*queue)) return result;
    return drain(default_queue);
}

Queue* queue_of(void* stream) {
    if (!stream) return &default_queue;
    auto found = queues.find(static_cast<Queue*>(stream));
    return found == queues.end() ? nullptr : *found;
}

Result enqueue(void* stream, std::function<Result()> work) {
    Queue* queue = queue_of(stream);
    if (!queue) return INVALID_HANDLE;
    queue->work.push_back(std::move(work));
    return SUCCESS;
}

// ---- memory ------------------------------------------------------------------------------------------------------

std::map<Address, Allocation>::iterator holder(Address address) {
    auto after = live.upper_bound(address);
    return after == live.begin() ? live.end() : std::prev(after);
}

bool inside(Address address, size_t bytes) {
    auto found = holder(address);
    return found != live.end() && address + bytes <= found->first + found->second.bytes;
}

char* memory(Address address) { return reinterpret_cast<char*>(address); }

void fill_guard(char* from, size_t bytes, size_t phase) {
    const char* word = reinterpret_cast<const char*>(&GUARD_WORD);
    for (size_t i = 0; i < bytes; ++i) from[i] = word[(i + phase) % 4];
}

long first_broken(const char* from, size_t bytes, size_t phase) {
    const char* word = reinterpret_cast<const char*>(&GUARD_WORD);
    for (size_t i = 0; i < bytes; ++i)
        if (from[i] != word[(i + phase) % 4]) return long(i);
    return -1;
}

std::string broken_guard() {
    for (const auto& [address, allocation] : live) {
        long before = first_broken(allocation.base, GUARD, 0);
        long after = first_broken(memory(address) + allocation.bytes, GUARD, allocation.bytes % 4);
        if (before >= 0) return std::to_string(long(GUARD) - before) + " bytes before an allocation of " + std::to_string(allocation.bytes);
        if (after >= 0) return "byte " + std::to_string(allocation.bytes + size_t(after)) + " of an allocation of " + std::to_string(allocation.bytes);
    }
    return {};
}

bool is_pinned(const void* host) {
    char* address = static_cast<char*>(const_cast<void*>(host));
    auto after = pinned.upper_bound(address);
    return after != pinned.begin() && address < std::prev(after)->first + std::prev(after)->second;
}

Result write(Address to, const void* from, size_t bytes) {
    stand_in::recording().write(to, from, bytes);
    std::memcpy(memory(to), from, bytes);
    return SUCCESS;
}

Result set(Address to, const char* pattern, size_t width, size_t count) {
    stand_in::recording().set(to, pattern, width, count);
    for (size_t i = 0; i < width * count; ++i) memory(to)[i] = pattern[i % width];
    return SUCCESS;
}

Result copy(Address to, Address from, size_t bytes) {
    stand_in::recording().copy(to, from, bytes);
    std::memmove(memory(to), memory(from), bytes);
    return SUCCESS;
}

template <typename T>
Result set_now(Address to, T value, size_t count) {
    IN_CONTEXT;
    if (!inside(to, sizeof(T) * count)) return INVALID_VALUE;
    if (Result result = drain_all()) return result;
    return set(to, reinterpret_cast<const char*>(&value), sizeof(T), count);
}

template <typename T>
Result set_later(Address to, T value, size_t count, void* stream) {
    IN_CONTEXT;
    if (!inside(to, sizeof(T) * count)) return INVALID_VALUE;
    return enqueue(stream, [=] { return set(to, reinterpret_cast<const char*>(&value), sizeof(T), count); });
}

void free_everything() {
    for (auto& [address, allocation] : live) {
        stand_in::recording().release(address);
        std::free(allocation.base);
    }
    for (auto& [address, bytes] : pinned) {
        stand_in::recording().release(reinterpret_cast<Address>(address));
        std::free(address);
    }
    live.clear();
    pinned.clear();
    used = 0;
    lose(SUCCESS);
}

// ---- modules and launches ----------------------------------------------------------------------------------------

double number_after(const std::string& text, const std::string& word) {
    size_t at = text.find(word);
    return at == std::string::npos ? -1 : std::atof(text.c_str() + at + word.size());
}

// CUDA 10.0 brought PTX 6.3, 11.0 7.0, 12.0 8.0, 13.0 9.0.
double newest_ptx() {
    int version = settings.driver_version;
    return version >= 13000 ? 9.0 : version >= 12000 ? 8.0 : version >= 11000 ? 7.0 : version >= 10000 ? 6.3 : 6.0;
}

Result launch(const Entry& entry, stand_in::Dim grid, stand_in::Dim size, size_t shared, std::vector<std::string> arguments) {
    ++launches;
    if (Result code = std::exchange(settings.fail_next_launch, SUCCESS)) return code;
    stand_in::recording().launch(*entry.kernel, grid, size, shared, arguments);
    std::vector<void*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    std::string fault = stand_in::run_grid({entry.kernel, grid, size, shared, pointers.data(), settings.threads, settings.order});
    Result code = LAUNCH_FAILED;
    if (fault.empty()) {
        std::string broken = broken_guard();
        if (broken.empty()) return SUCCESS;
        fault = "wrote to " + broken;
        code = ILLEGAL_ADDRESS;
    }
    std::fprintf(stderr, "stand-in: kernel %s: %s\n", entry.kernel->name.c_str(), fault.c_str());
    return code;
}

double now() { return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

Result hook(int limit, size_t value) {
    switch (limit) {
        case RESET:
            settings = from_environment();
            stand_in::recording().keep(true);
            if (live.empty() && pinned.empty()) stand_in::recording().boundary();
            return SUCCESS;
        case ORDER: settings.order = value; return SUCCESS;
        case CAPACITY: settings.capacity = value; return SUCCESS;
        case FAIL_NEXT_LAUNCH: settings.fail_next_launch = int(value); return SUCCESS;
        case DRIVER_VERSION: settings.driver_version = int(value); return SUCCESS;
        case DEVICES: settings.devices = int(value); return SUCCESS;
        case INITIALISATION: settings.initialisation = int(value); return SUCCESS;
        case THREADS: settings.threads = unsigned(value); return SUCCESS;
        case RECORDING: stand_in::recording().keep(value != 0); return SUCCESS;
        case LOSE_CONTEXT: lose(int(value)); return SUCCESS;
        default: return INVALID_VALUE;
    }
}
}  // namespace
