// The tests' stand-in for libcuda.so.1: the part of the driver API that leakmark.kernels.cuda uses, over kernels compiled for
// the CPU. Streams are lazy: nothing runs before something waits for it, so a missing synchronisation shows. Device
// memory starts as NaN and has guard zones, checked after every launch. Errors that lose a context on a GPU lose it here.
// Tests steer it through cuCtxSetLimit with limits no GPU has (enum Hook).
#include "device_state.h"
#include "switch.h"

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
