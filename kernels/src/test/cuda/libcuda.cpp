// The tests' stand-in for libcuda.so.1: the part of the driver API that leakmark.kernels.cuda uses, over kernels compiled for
// the CPU. Streams are lazy: nothing runs before something waits for it, so a missing synchronisation shows. Device
// memory starts as NaN and has guard zones, checked after every launch. Errors that lose a context on a GPU lose it here.
// Tests steer it through cuCtxSetLimit with limits no GPU has (enum Hook).
#include <chrono>
#include <deque>
#include <set>

#include "cuda_on_host.h"
#include "grid_launch.h"
#include "recording.h"
#include "switch.h"

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
    live.clear();
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
        case RESET: settings = from_environment(); stand_in::recording().keep(true); return SUCCESS;
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

#pragma GCC visibility push(default)
extern "C" {
Result cuInit(unsigned flags) {
    LOCKED;
    if (settings.initialisation) return settings.initialisation;
    if (!settings.devices) return NO_DEVICE;
    initialised = true;
    return flags ? INVALID_VALUE : SUCCESS;
}
Result cuDriverGetVersion(int* version) { LOCKED; *version = settings.driver_version; return SUCCESS; }
Result cuDeviceGetCount(int* count) { LOCKED; *count = settings.devices; return initialised ? SUCCESS : NOT_INITIALIZED; }
Result cuDeviceGet(int* device, int ordinal) {
    LOCKED;
    *device = 0;
    return !initialised ? NOT_INITIALIZED : ordinal < 0 || ordinal >= settings.devices ? INVALID_DEVICE : SUCCESS;
}
Result cuDeviceGetName(char* name, int length, int) { std::snprintf(name, length, "leakmark stand-in (CPU, no GPU)"); return SUCCESS; }
Result cuDeviceTotalMem_v2(size_t* bytes, int) { LOCKED; *bytes = settings.capacity; return SUCCESS; }
Result cuDeviceGetAttribute(int* value, int attribute, int) {
    switch (attribute) {
        case 1: *value = stand_in::MOST_THREADS; break;                          // threads per block
        case 8: *value = SHARED; break;                                         // shared memory per block
        case 10: *value = stand_in::WARP; break;
        case 13: *value = 1'000'000; break;                                      // clock, kHz
        case 16: *value = int(std::thread::hardware_concurrency()); break;      // multiprocessors
        case 36: *value = 1'000'000; break;                                      // memory clock, kHz
        case 37: *value = 64; break;                                            // memory bus, bits
        case 38: *value = 1 << 20; break;                                       // L2, bytes
        case 39: *value = 2048; break;                                          // threads per multiprocessor
        case 75: *value = 7; break;                                             // compute capability 7.0
        case 76: *value = 0; break;
        case 81: *value = SHARED_OPT_IN; break;                                 // shared memory per multiprocessor
        case 82: *value = 65536; break;                                         // registers per multiprocessor
        case 97: *value = SHARED_OPT_IN; break;                                 // shared memory per block, opted in
        default: *value = 0;
    }
    return SUCCESS;
}

Result cuDevicePrimaryCtxRetain(void** context, int) { LOCKED; *context = CONTEXT; ++retained; return initialised ? SUCCESS : NOT_INITIALIZED; }
Result cuDevicePrimaryCtxRelease_v2(int) {
    LOCKED;
    if (!retained) return INVALID_CONTEXT;
    if (--retained == 0) free_everything();
    return SUCCESS;
}
Result cuDevicePrimaryCtxReset_v2(int) { LOCKED; free_everything(); return SUCCESS; }
Result cuCtxSetCurrent(void* context) { current() = context; return SUCCESS; }
Result cuCtxGetCurrent(void** context) { *context = current(); return SUCCESS; }
Result cuCtxSynchronize() { IN_CONTEXT; return drain_all(); }
Result cuCtxSetLimit(int limit, size_t value) { LOCKED; return hook(limit, value); }
Result cuCtxGetLimit(size_t* value, int limit) {
    LOCKED;
    *value = limit == LAUNCHES ? size_t(launches) : live.size();
    return limit == LAUNCHES || limit == ALLOCATIONS ? SUCCESS : INVALID_VALUE;
}

Result cuMemGetInfo_v2(size_t* free, size_t* total) { IN_CONTEXT; *total = settings.capacity; *free = settings.capacity - used; return SUCCESS; }
Result cuMemAlloc_v2(Address* address, size_t bytes) {
    IN_CONTEXT;
    if (!bytes) return INVALID_VALUE;
    if (used + bytes > settings.capacity) return OUT_OF_MEMORY;
    void* base = nullptr;
    if (posix_memalign(&base, 512, bytes + 2 * GUARD)) return OUT_OF_MEMORY;
    char* start = static_cast<char*>(base);
    *address = reinterpret_cast<Address>(start + GUARD);
    fill_guard(start, GUARD, 0);
    std::memset(start + GUARD, stand_in::POISON, bytes);
    fill_guard(start + GUARD + bytes, GUARD, bytes % 4);
    live[*address] = {bytes, start};
    used += bytes;
    stand_in::recording().allocate(*address, bytes);
    return SUCCESS;
}
Result cuMemFree_v2(Address address) {
    IN_CONTEXT;
    if (Result result = drain_all()) return result;
    auto found = live.find(address);
    if (found == live.end()) return INVALID_VALUE;
    used -= found->second.bytes;
    std::free(found->second.base);
    live.erase(found);
    stand_in::recording().release(address);
    return SUCCESS;
}
Result cuMemHostAlloc(void** address, size_t bytes, unsigned) {
    IN_CONTEXT;
    if (posix_memalign(address, 4096, bytes)) return OUT_OF_MEMORY;
    std::memset(*address, stand_in::POISON, bytes);
    pinned[static_cast<char*>(*address)] = bytes;
    stand_in::recording().allocate(reinterpret_cast<Address>(*address), bytes);
    return SUCCESS;
}
Result cuMemFreeHost(void* address) {
    LOCKED;
    drain_all();
    if (!pinned.erase(static_cast<char*>(address))) return INVALID_VALUE;
    stand_in::recording().release(reinterpret_cast<Address>(address));
    std::free(address);
    return SUCCESS;
}

Result cuMemHostGetDevicePointer_v2(Address* address, void* host, unsigned) {
    LOCKED;
    *address = reinterpret_cast<Address>(host);
    return is_pinned(host) ? SUCCESS : INVALID_VALUE;
}

Result cuMemcpyHtoD_v2(Address to, const void* from, size_t bytes) {
    IN_CONTEXT;
    if (!inside(to, bytes)) return INVALID_VALUE;
    if (Result result = drain_all()) return result;
    return write(to, from, bytes);
}
Result cuMemcpyDtoH_v2(void* to, Address from, size_t bytes) {
    IN_CONTEXT;
    if (!inside(from, bytes)) return INVALID_VALUE;
    if (Result result = drain_all()) return result;
    std::memcpy(to, memory(from), bytes);
    return SUCCESS;
}
Result cuMemcpyDtoD_v2(Address to, Address from, size_t bytes) {
    IN_CONTEXT;
    if (!inside(from, bytes) || !inside(to, bytes)) return INVALID_VALUE;
    if (Result result = drain_all()) return result;
    return copy(to, from, bytes);
}
Result cuMemcpyHtoDAsync_v2(Address to, const void* from, size_t bytes, void* stream) {
    IN_CONTEXT;
    if (!inside(to, bytes)) return INVALID_VALUE;
    if (is_pinned(from)) return enqueue(stream, [=] { return write(to, from, bytes); });
    std::string staged(static_cast<const char*>(from), bytes);
    return enqueue(stream, [=] { return write(to, staged.data(), bytes); });
}
Result cuMemcpyDtoHAsync_v2(void* to, Address from, size_t bytes, void* stream) {
    IN_CONTEXT;
    Queue* queue = queue_of(stream);
    if (!queue) return INVALID_HANDLE;
    if (!inside(from, bytes)) return INVALID_VALUE;
    queue->work.push_back([=] { std::memcpy(to, memory(from), bytes); return SUCCESS; });
    return is_pinned(to) ? SUCCESS : drain(*queue);
}
Result cuMemcpyDtoDAsync_v2(Address to, Address from, size_t bytes, void* stream) {
    IN_CONTEXT;
    if (!inside(from, bytes) || !inside(to, bytes)) return INVALID_VALUE;
    return enqueue(stream, [=] { return copy(to, from, bytes); });
}
Result cuMemsetD8_v2(Address to, unsigned char value, size_t count) { return set_now(to, value, count); }
Result cuMemsetD32_v2(Address to, unsigned value, size_t count) { return set_now(to, value, count); }
Result cuMemsetD8Async(Address to, unsigned char value, size_t count, void* stream) { return set_later(to, value, count, stream); }
Result cuMemsetD32Async(Address to, unsigned value, size_t count, void* stream) { return set_later(to, value, count, stream); }

Result cuStreamCreate(void** stream, unsigned) {
    IN_CONTEXT;
    Queue* queue = new Queue;
    queues.insert(queue);
    *stream = queue;
    return SUCCESS;
}
Result cuStreamDestroy_v2(void* stream) {
    LOCKED;
    Queue* queue = queue_of(stream);
    if (!queue || !stream) return INVALID_HANDLE;
    Result result = drain(*queue);
    queues.erase(queue);
    delete queue;
    return result;
}
Result cuStreamSynchronize(void* stream) {
    IN_CONTEXT;
    Queue* queue = queue_of(stream);
    return queue ? drain(*queue) : INVALID_HANDLE;
}
Result cuStreamQuery(void* stream) {
    IN_CONTEXT;
    Queue* queue = queue_of(stream);
    if (!queue) return INVALID_HANDLE;
    if (queue->work.empty()) return SUCCESS;
    if (Result result = step(*queue)) return result;
    return NOT_READY;
}
Result cuStreamWaitEvent(void* stream, void* event, unsigned) {
    IN_CONTEXT;
    auto found = events.find(static_cast<Event*>(event));
    if (found == events.end()) return INVALID_HANDLE;
    std::shared_ptr<Event> awaited = found->second;
    return enqueue(stream, [awaited] {
        while (awaited->pending)
            if (Result result = step(*awaited->queue)) return result;
        return Result(SUCCESS);
    });
}

Result cuEventCreate(void** event, unsigned) {
    IN_CONTEXT;
    auto made = std::make_shared<Event>();
    events[made.get()] = made;
    *event = made.get();
    return SUCCESS;
}
Result cuEventDestroy_v2(void* event) { LOCKED; return events.erase(static_cast<Event*>(event)) ? SUCCESS : INVALID_HANDLE; }
Result cuEventRecord(void* event, void* stream) {
    IN_CONTEXT;
    auto found = events.find(static_cast<Event*>(event));
    Queue* queue = queue_of(stream);
    if (found == events.end() || !queue) return INVALID_HANDLE;
    std::shared_ptr<Event> recorded = found->second;
    ++recorded->pending;
    recorded->queue = queue;
    queue->work.push_back([recorded] {
        --recorded->pending;
        recorded->milliseconds = now();
        return Result(SUCCESS);
    });
    return SUCCESS;
}
Result cuEventQuery(void* event) {
    IN_CONTEXT;
    auto found = events.find(static_cast<Event*>(event));
    if (found == events.end()) return INVALID_HANDLE;
    if (!found->second->pending) return SUCCESS;
    if (Result result = step(*found->second->queue)) return result;
    return NOT_READY;
}
Result cuEventSynchronize(void* event) {
    IN_CONTEXT;
    auto found = events.find(static_cast<Event*>(event));
    if (found == events.end()) return INVALID_HANDLE;
    while (found->second->pending)
        if (Result result = step(*found->second->queue)) return result;
    return SUCCESS;
}
Result cuEventElapsedTime(float* milliseconds, void* from, void* to) {
    IN_CONTEXT;
    auto first = events.find(static_cast<Event*>(from)), second = events.find(static_cast<Event*>(to));
    if (first == events.end() || second == events.end()) return INVALID_HANDLE;
    if (first->second->pending || second->second->pending) return NOT_READY;
    if (first->second->milliseconds < 0 || second->second->milliseconds < 0) return INVALID_HANDLE;
    *milliseconds = float(second->second->milliseconds - first->second->milliseconds);
    return SUCCESS;
}

Result cuModuleLoadData(void** module, const void* image) {
    IN_CONTEXT;
    std::string text = static_cast<const char*>(image);
    double version = number_after(text, ".version "), target = number_after(text, ".target sm_");
    if (version < 0 || target < 0) return INVALID_IMAGE;
    if (version > newest_ptx()) return UNSUPPORTED_PTX_VERSION;
    if (target > 70) return NO_BINARY_FOR_GPU;
    auto made = std::make_unique<Module>();
    const std::string word = ".entry ";
    for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
        at += word.size();
        std::string name = text.substr(at, text.find_first_of("( \n", at) - at);
        std::string head = text.substr(at, text.find('{', at) - at);
        double most = number_after(head, ".maxntid ");
        auto found = stand_in::kernels().find(name);
        if (found != stand_in::kernels().end())
            made->entries[name] = {&found->second, most < 0 ? stand_in::MOST_THREADS : unsigned(most)};
    }
    *module = made.release();
    return SUCCESS;
}
Result cuModuleUnload(void* module) { LOCKED; delete static_cast<Module*>(module); return SUCCESS; }
Result cuModuleGetFunction(void** function, void* module, const char* name) {
    IN_CONTEXT;
    auto& entries = static_cast<Module*>(module)->entries;
    auto found = entries.find(name);
    if (found == entries.end()) return NOT_FOUND;
    *function = &found->second;
    return SUCCESS;
}
Result cuFuncGetAttribute(int* value, int attribute, void* function) {
    LOCKED;
    const Entry* entry = static_cast<Entry*>(function);
    *value = attribute == 0 ? int(entry->most_threads) : attribute == 8 ? entry->dynamic_shared : 0;
    return SUCCESS;
}
Result cuFuncSetAttribute(void* function, int attribute, int value) {
    IN_CONTEXT;
    if (attribute != 8 || value < 0 || value > int(SHARED_OPT_IN)) return INVALID_VALUE;
    static_cast<Entry*>(function)->dynamic_shared = value;
    return SUCCESS;
}
Result cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, void*, int threads, size_t shared) {
    *blocks = threads <= 0 ? 0 : std::min<int>(2048 / threads, shared ? int(SHARED_OPT_IN / shared) : 32);
    return SUCCESS;
}
Result cuLaunchKernel(void* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                      unsigned shared, void* stream, void** parameters, void** extra) {
    IN_CONTEXT;
    const Entry* entry = static_cast<Entry*>(function);
    stand_in::Dim grid(gx, gy, gz), size(bx, by, bz);
    if (extra || !grid.count() || !size.count() || gx > 0x7fffffffu || gy > 65535 || gz > 65535) return INVALID_VALUE;
    if (size.count() > entry->most_threads || bz > 64 || shared > unsigned(entry->dynamic_shared)) return INVALID_VALUE;
    std::vector<std::string> arguments;
    for (size_t i = 0; i < entry->kernel->parameters.size(); ++i)
        arguments.emplace_back(static_cast<char*>(parameters[i]), entry->kernel->parameters[i].size);
    return enqueue(stream, [=] { return launch(*entry, grid, size, shared, arguments); });
}
}
#pragma GCC visibility pop
