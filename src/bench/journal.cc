// See journal.h.
#include "bench/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <functional>
#include <system_error>

#include "bench/clock.h"

namespace bench {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace

uint32_t digest(std::string_view text) {
  return static_cast<uint32_t>(std::hash<std::string_view>()(text));
}

base::Fd Journal::make_file() {
  const auto folder = std::filesystem::temp_directory_path();
  base::Fd fd(open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!fd) fail("a file for the journal");
  return fd;
}

void Journal::read(int fd, std::vector<Record>& records) {
  const off_t bytes = lseek(fd, 0, SEEK_END);
  if (bytes < 0) fail("the journal");
  const size_t before = records.size();
  records.resize(before + static_cast<size_t>(bytes) / sizeof(Record));
  char* at = reinterpret_cast<char*>(records.data() + before);
  for (off_t done = 0; done < bytes;) {
    const ssize_t n = pread(fd, at + done, static_cast<size_t>(bytes - done), done);
    if (n <= 0) fail("the journal");
    done += n;
  }
}

Journal::Journal(int fd, const Names& names) : names_(names) {
  const int own = dup(fd);
  file_.reset(own < 0 ? nullptr : fdopen(own, "w"));
  if (!file_) fail("the journal");
}

Record Journal::begin(Record::Kind kind, std::string_view me, std::string_view place) const {
  Record record;
  record.time_us = now_us();
  record.who = names_.user(me);
  record.conv = names_.conversation(record.who, place);
  record.kind = kind;
  return record;
}

void Journal::sent(std::string_view me, std::string_view to, int64_t number, int64_t due_us,
                   std::string_view text) {
  Record record = begin(Record::Kind::send, me, to);
  record.time_us = due_us;
  record.number = static_cast<int32_t>(number);
  record.text = digest(text);
  write(record);
}

void Journal::answered(std::string_view me, std::string_view to, int64_t number, Record::Kind how,
                       int64_t seq) {
  Record record = begin(how, me, to);
  record.number = static_cast<int32_t>(number);
  record.seq = static_cast<int32_t>(seq);
  write(record);
}

void Journal::delivered(std::string_view me, const Frame& message, int64_t number, int64_t took_us) {
  Record record = begin(Record::Kind::delivery, me, {});
  record.time_us = took_us;
  record.from = names_.user(message.from);
  record.conv = names_.conversation(record.from, message.to);
  record.number = static_cast<int32_t>(number);
  record.seq = static_cast<int32_t>(message.seq);
  record.text = digest(message.text);
  write(record);
}

void Journal::acked(std::string_view me, std::string_view conv, int64_t seq) {
  Record record = begin(Record::Kind::ack, me, conv);
  record.seq = static_cast<int32_t>(seq);
  write(record);
}

void Journal::write(const Record& record) {
  if (fwrite(&record, sizeof record, 1, file_.get()) != 1) fail("the journal");
}

void Journal::finish() {
  if (fflush(file_.get()) != 0) fail("the journal");
}

}  // namespace bench
