// Does again what recordings say the driver was asked to do: replay ORDER RECORDING...
// Built with a sanitizer and run without a JVM it names the line of a bad access or a race. Device memory is allocated
// exactly as long as it was; pointers among the arguments are moved to where it lies now.
#include <fstream>

#include "cuda_on_host.h"
#include "grid_launch.h"
#include "switch.h"

namespace {
struct Piece {
    std::unique_ptr<char[]> memory;
    uint64_t bytes;
};

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "replay: %s\n", what.c_str());
    std::exit(2);
}

class Replay {
public:
    Replay(const char* name, uint64_t order) : file_(name, std::ios::binary), order_(order) {
        if (!file_) fail(std::string(name) + " cannot be read");
    }

    long run() {
        long launches = 0;
        for (char kind; file_.get(kind);) {
            uint64_t first = number();
            switch (kind) {
                case 'A': allocate(first, number()); break;
                case 'F': pieces_.erase(first); break;
                case 'C': copy(first); break;
                case 'W': write(first, number()); break;
                case 'S': set(first); break;
                case 'L': launch(first), ++launches; break;
                default: fail("an unknown record");
            }
        }
        return launches;
    }

private:
    uint64_t number() {
        uint64_t value;
        bytes(&value, sizeof value);
        return value;
    }

    void bytes(void* to, uint64_t count) {
        if (!file_.read(static_cast<char*>(to), std::streamsize(count))) fail("the recording breaks off");
    }

    // Where a recorded address lies now.
    char* place(uint64_t address, uint64_t length) {
        auto after = pieces_.upper_bound(address);
        if (after == pieces_.begin()) fail("an address in no allocation");
        auto& [start, piece] = *std::prev(after);
        if (address + length > start + piece.bytes) fail("an address in no allocation");
        return piece.memory.get() + (address - start);
    }

    void allocate(uint64_t address, uint64_t length) {
        Piece piece{std::unique_ptr<char[]>(new char[length]), length};
        std::memset(piece.memory.get(), stand_in::POISON, length);
        pieces_[address] = std::move(piece);
    }

    void copy(uint64_t to) {
        uint64_t from = number(), length = number();
        std::memmove(place(to, length), place(from, length), length);
    }

    void write(uint64_t to, uint64_t length) { bytes(place(to, length), length); }

    void set(uint64_t address) {
        uint64_t width = number(), count = number();
        char pattern[8];
        if (width > sizeof pattern) fail("a pattern of " + std::to_string(width) + " bytes");
        bytes(pattern, width);
        char* to = place(address, width * count);
        for (uint64_t i = 0; i < width * count; ++i) to[i] = pattern[i % width];
    }

    void launch(uint64_t length) {
        unsigned shape[6];
        for (unsigned& side : shape) side = unsigned(number());
        uint64_t shared = number();
        std::string name(length, ' ');
        bytes(name.data(), length);
        auto found = stand_in::kernels().find(name);
        if (found == stand_in::kernels().end()) fail("no kernel " + name + " in this program");
        const stand_in::Kernel& kernel = found->second;
        std::vector<uint64_t> values(kernel.parameters.size());
        std::vector<void*> arguments;
        for (size_t i = 0; i < values.size(); ++i) {
            bytes(&values[i], kernel.parameters[i].size);
            if (kernel.parameters[i].pointer && values[i]) values[i] = reinterpret_cast<uint64_t>(place(values[i], 0));
            arguments.push_back(&values[i]);
        }
        stand_in::Dim grid(shape[0], shape[1], shape[2]), size(shape[3], shape[4], shape[5]);
        std::string fault = stand_in::run_grid({&kernel, grid, size, shared, arguments.data(), 1, order_});
        if (!fault.empty()) fail("kernel " + name + ": " + fault);
    }

    std::ifstream file_;
    uint64_t order_;
    std::map<uint64_t, Piece> pieces_;
};
}  // namespace

int main(int count, char** arguments) {
    if (count < 3) fail("replay ORDER RECORDING...");
    uint64_t order = std::strtoull(arguments[1], nullptr, 10);
    long launches = 0;
    for (int i = 2; i < count; ++i) launches += Replay(arguments[i], order).run();
    std::printf("%ld launches\n", launches);
    return launches ? 0 : 2;
}
