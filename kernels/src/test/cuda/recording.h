// What the driver was asked to do, in a file, so that replay.cpp can do it again under a sanitizer and without a JVM.
// Written where LEAKMARK_STAND_IN_RECORD names a folder. One record after the other: a letter, then its numbers and bytes.
#pragma once
#include <unistd.h>

#include "grid_launch.h"

namespace stand_in {
class Recording {
public:
    Recording() {
        const char* folder = std::getenv("LEAKMARK_STAND_IN_RECORD");
        if (!folder) return;
        std::string name = std::string(folder) + "/" + std::to_string(getpid()) + ".recording";
        file_ = std::fopen(name.c_str(), "wb");
        if (!file_) std::perror(name.c_str());
    }

    // Here nothing is allocated: what follows can be replayed without what came before.
    void boundary() { record('R', {}); }

    // To be changed only while nothing is allocated.
    void keep(bool on) { on_ = on; }

    void allocate(uint64_t address, uint64_t bytes) { record('A', {address, bytes}); }
    void release(uint64_t address) { record('F', {address}); }
    void copy(uint64_t to, uint64_t from, uint64_t bytes) { record('C', {to, from, bytes}); }
    void write(uint64_t to, const void* from, uint64_t bytes) {
        record('W', {to, bytes});
        append(from, bytes);
    }
    void set(uint64_t to, const char* pattern, uint64_t width, uint64_t count) {
        record('S', {to, width, count});
        append(pattern, width);
    }
    void launch(const Kernel& kernel, Dim grid, Dim size, uint64_t shared, const std::vector<std::string>& arguments) {
        record('L', {kernel.name.size(), grid.x, grid.y, grid.z, size.x, size.y, size.z, shared});
        append(kernel.name.data(), kernel.name.size());
        for (const std::string& argument : arguments) append(argument.data(), argument.size());
        if (file_) std::fflush(file_);
    }

private:
    void record(char kind, std::initializer_list<uint64_t> numbers) {
        if (!on_) return;
        append(&kind, 1);
        append(numbers.begin(), numbers.size() * sizeof(uint64_t));
    }
    void append(const void* bytes, size_t count) {
        if (on_ && file_ && std::fwrite(bytes, 1, count, file_) != count) std::perror("stand-in: recording");
    }

    std::FILE* file_ = nullptr;
    bool on_ = true;
};

inline Recording& recording() {
    static Recording* all = new Recording;
    return *all;
}
}  // namespace stand_in
