// Does again what recordings say the driver was asked to do: replay ORDER RECORDING...
// Built with a sanitizer and run without a JVM it names the line of a bad access or a race. Device memory is allocated
// exactly as long as it was; pointers among the arguments are moved to where it lies now. A recording falls into parts that
// each begin with nothing allocated; a part whose launches all had their like before (kernel, shape and numbers) is skipped.
#include <fstream>
#include <map>
#include <set>

#include "cuda_on_host.h"
#include "grid_launch.h"
#include "switch.h"

namespace {
[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "replay: %s\n", what.c_str());
    std::exit(2);
}

struct Record {
    char kind;
    uint64_t numbers[8];
    std::streamoff bytes;              // where those to write begin
    std::string pattern;               // to set memory to
    const stand_in::Kernel* kernel;    // to launch
    std::vector<uint64_t> arguments;
};

class Recording {
public:
    explicit Recording(const char* name) : file_(name, std::ios::binary) {
        if (!file_) fail(std::string(name) + " cannot be read");
    }

    bool next(Record& record) {
        if (!file_.get(record.kind)) return false;
        const std::map<char, int> counts{{'R', 0}, {'A', 2}, {'F', 1}, {'C', 3}, {'W', 2}, {'S', 3}, {'L', 8}};
        auto count = counts.find(record.kind);
        if (count == counts.end()) fail("an unknown record");
        read(record.numbers, count->second * sizeof(uint64_t));
        if (record.kind == 'W') {
            record.bytes = file_.tellg();
            file_.seekg(std::streamoff(record.numbers[1]), std::ios::cur);
        }
        if (record.kind == 'S') read_text(record.pattern, record.numbers[1]);
        if (record.kind == 'L') read_launch(record);
        return true;
    }

    std::streamoff position() { return file_.tellg(); }

    void go(std::streamoff position) {
        file_.clear();
        file_.seekg(position);
    }

    void read(void* to, uint64_t count) {
        if (count && !file_.read(static_cast<char*>(to), std::streamsize(count))) fail("the recording breaks off");
    }

private:
    void read_text(std::string& text, uint64_t length) {
        text.resize(length);
        read(text.data(), length);
    }

    void read_launch(Record& record) {
        std::string name;
        read_text(name, record.numbers[0]);
        auto found = stand_in::kernels().find(name);
        if (found == stand_in::kernels().end()) fail("no kernel " + name + " in this program");
        record.kernel = &found->second;
        record.arguments.assign(found->second.parameters.size(), 0);
        for (size_t i = 0; i < record.arguments.size(); ++i) read(&record.arguments[i], found->second.parameters[i].size);
    }

    std::ifstream file_;
};

// What makes a launch like another: all but where its memory lay.
std::string likeness(const Record& record) {
    std::string key = record.kernel->name;
    for (int i = 1; i < 8; ++i) key += ' ' + std::to_string(record.numbers[i]);
    for (size_t i = 0; i < record.arguments.size(); ++i)
        if (!record.kernel->parameters[i].pointer) key += ',' + std::to_string(record.arguments[i]);
    return key;
}

class Replay {
public:
    Replay(Recording& recording, uint64_t order) : recording_(recording), order_(order) {}

    void run(const Record& record) {
        const uint64_t* n = record.numbers;
        switch (record.kind) {
            case 'A': allocate(n[0], n[1]); break;
            case 'F': pieces_.erase(n[0]); break;
            case 'C': std::memmove(place(n[0], n[2]), place(n[1], n[2]), n[2]); break;
            case 'W': write(record); break;
            case 'S': set(place(n[0], n[1] * n[2]), record); break;
            case 'L': launch(record); break;
        }
    }

private:
    struct Piece {
        std::unique_ptr<char[]> memory;
        uint64_t bytes;
    };

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

    void write(const Record& record) {
        std::streamoff after = recording_.position();
        recording_.go(record.bytes);
        recording_.read(place(record.numbers[0], record.numbers[1]), record.numbers[1]);
        recording_.go(after);
    }

    static void set(char* to, const Record& record) {
        uint64_t width = record.numbers[1], count = record.numbers[2];
        for (uint64_t i = 0; i < width * count; ++i) to[i] = record.pattern[i % width];
    }

    void launch(const Record& record) {
        std::vector<uint64_t> values = record.arguments;
        std::vector<void*> arguments;
        for (size_t i = 0; i < values.size(); ++i) {
            if (record.kernel->parameters[i].pointer && values[i]) values[i] = reinterpret_cast<uint64_t>(place(values[i], 0));
            arguments.push_back(&values[i]);
        }
        const uint64_t* n = record.numbers;
        stand_in::Dim grid{unsigned(n[1]), unsigned(n[2]), unsigned(n[3])}, size{unsigned(n[4]), unsigned(n[5]), unsigned(n[6])};
        std::string fault = stand_in::run_grid({record.kernel, grid, size, n[7], arguments.data(), 1, order_});
        if (!fault.empty()) fail("kernel " + record.kernel->name + ": " + fault);
    }

    Recording& recording_;
    uint64_t order_;
    std::map<uint64_t, Piece> pieces_;
};

struct Counts {
    long launches = 0, skipped = 0;
    // Shapes of each kernel replayed so far; what else is recorded is the same code at more sizes. The thread sanitizer pays
    // for every barrier with a vector clock of the block's threads: twelve shapes take it a quarter of an hour.
    std::map<std::string, int> shapes;
#if defined(__SANITIZE_THREAD__)
    static constexpr int kMostShapes = 4;
#else
    static constexpr int kMostShapes = 12;
#endif
};

// Looks ahead through a part, then runs it if it has a launch that is new. False at the recording's end.
bool replay_part(Recording& recording, uint64_t order, std::set<std::string>& seen, Counts& counts) {
    Record record;
    std::streamoff start = recording.position();
    long launches = 0;
    bool fresh = false;
    bool more = false;
    while (recording.next(record)) {
        if (record.kind == 'R') {
            more = true;
            break;
        }
        if (record.kind == 'L') {
            ++launches;
            fresh |= seen.insert(likeness(record)).second && ++counts.shapes[record.kernel->name] <= Counts::kMostShapes;
        }
    }
    (fresh ? counts.launches : counts.skipped) += launches;
    if (fresh) {
        recording.go(start);
        Replay replay(recording, order);
        while (recording.next(record) && record.kind != 'R') replay.run(record);
    }
    return more;
}
}  // namespace

int main(int count, char** arguments) {
    if (count < 3) fail("replay ORDER RECORDING...");
    uint64_t order = std::strtoull(arguments[1], nullptr, 10);
    std::set<std::string> seen;
    Counts counts;
    for (int i = 2; i < count; ++i) {
        Recording recording(arguments[i]);
        while (replay_part(recording, order, seen, counts)) {
        }
    }
    std::printf("%ld launches, %ld like them left out\n", counts.launches, counts.skipped);
    return counts.launches ? 0 : 2;
}
