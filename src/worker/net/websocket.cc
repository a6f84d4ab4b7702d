// See websocket.h. wslay is fed a header byte by byte and a payload up to its end, so that it never holds
// bytes of a second frame; with its own buffering off, for that allocates what a header declares.
#include "worker/net/websocket.h"

#include <wslay/wslay.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace net {
namespace {

std::string_view bytes_of(const uint8_t* data, size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

bool is_control(uint8_t opcode) {
  return wslay_is_ctrl_frame(opcode) != 0;
}

// One for the whole process: a server's frame is not masked, so writing one needs no memory of the last.
class FrameWriter {
 public:
  FrameWriter() {
    const wslay_frame_callbacks callbacks{send, nullptr, nullptr};
    if (wslay_frame_context_init(&context_, &callbacks, this) != 0) throw std::bad_alloc();
  }
  ~FrameWriter() { wslay_frame_context_free(context_); }

  void write(uint8_t opcode, std::string_view payload, const WebSocket::Out& out) {
    out_ = &out;
    wslay_frame_iocb frame{};
    frame.fin = 1;
    frame.opcode = opcode;
    frame.payload_length = frame.data_length = payload.size();
    frame.data = reinterpret_cast<const uint8_t*>(payload.data());
    wslay_frame_send(context_, &frame);
  }

 private:
  static ssize_t send(const uint8_t* data, size_t size, int, void* self) {
    (*static_cast<FrameWriter*>(self)->out_)(bytes_of(data, size));
    return static_cast<ssize_t>(size);
  }

  wslay_frame_context_ptr context_ = nullptr;
  const WebSocket::Out* out_ = nullptr;
};

void write_frame(uint8_t opcode, std::string_view payload, const WebSocket::Out& out) {
  static FrameWriter writer;
  writer.write(opcode, payload, out);
}

std::string close_frame(uint16_t code) {
  const char payload[2] = {static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  std::string frame;
  write_frame(WSLAY_CONNECTION_CLOSE, {payload, sizeof payload},
              [&frame](std::string_view bytes) { frame += bytes; });
  return frame;
}

}  // namespace

// wslay's context, and where the frame that it reads stands.
struct WebSocket::Reader {
  Reader(std::string& message, size_t max) : message(message), max(max) {
    wslay_event_callbacks callbacks{};
    callbacks.recv_callback = receive;
    callbacks.send_callback = send;
    callbacks.on_frame_recv_start_callback = frame_begins;
    callbacks.on_frame_recv_chunk_callback = chunk_came;
    callbacks.on_frame_recv_end_callback = frame_ends;
    callbacks.on_msg_recv_callback = message_came;
    if (wslay_event_context_server_init(&context, &callbacks, this) != 0) throw std::bad_alloc();
    wslay_event_config_set_no_buffering(context, 1);
    wslay_event_config_set_max_recv_msg_length(context, max);
  }
  ~Reader() { wslay_event_context_free(context); }
  Reader(const Reader&) = delete;

  static ssize_t receive(wslay_event_context_ptr context, uint8_t* buffer, size_t size, int, void* self) {
    return static_cast<Reader*>(self)->feed(context, buffer, size);
  }
  static ssize_t send(wslay_event_context_ptr, const uint8_t* data, size_t size, int, void* self) {
    static_cast<Reader*>(self)->answer += bytes_of(data, size);
    return static_cast<ssize_t>(size);
  }
  static void frame_begins(wslay_event_context_ptr, const wslay_event_on_frame_recv_start_arg* frame,
                           void* self) {
    static_cast<Reader*>(self)->begin_frame(frame->opcode, frame->payload_length);
  }
  static void chunk_came(wslay_event_context_ptr, const wslay_event_on_frame_recv_chunk_arg* chunk,
                         void* self) {
    static_cast<Reader*>(self)->take_chunk(bytes_of(chunk->data, chunk->data_length));
  }
  static void frame_ends(wslay_event_context_ptr, void* self) {
    static_cast<Reader*>(self)->whole_frame = true;
  }
  static void message_came(wslay_event_context_ptr, const wslay_event_on_msg_recv_arg* came, void* self) {
    static_cast<Reader*>(self)->in_message &= is_control(came->opcode);
    static_cast<Reader*>(self)->whole_message |= !is_control(came->opcode);
  }

  ssize_t feed(wslay_event_context_ptr asking, uint8_t* buffer, size_t size) {
    const size_t n = whole_frame || refused() ? 0 : std::min({size, wanted(), input.size()});
    if (n == 0) {
      wslay_event_set_error(asking, WSLAY_ERR_WOULDBLOCK);
      return -1;
    }
    std::memcpy(buffer, input.data(), n);
    if (given < sizeof head) head[given] = buffer[0];
    given += n;
    input.remove_prefix(n);
    too_large |= !announced && !is_control(head[0]) && declared() > max - message.size();
    return static_cast<ssize_t>(n);
  }

  // What the header says of the payload: wslay tells of a frame only when its first byte has come, and who
  // is refused need not send it. 0: not yet known.
  uint64_t declared() const {
    const size_t length = head[1] & 0x7f;
    const size_t more = length == 127 ? 8 : length == 126 ? 2 : 0;
    if (more == 0) return length;
    if (given < 2 + more) return 0;
    uint64_t size = 0;
    for (size_t i = 2; i < 2 + more; ++i) size = size << 8 | head[i];
    return size;
  }

  // A control frame's payload comes at once or not yet: wslay takes each piece of a Close for its first.
  size_t wanted() const {
    if (announced) return payload_left;
    const size_t header = 2 + (head[1] & 0x80 ? 4 : 0);
    if (given < header || !is_control(head[0])) return 1;
    const size_t payload = head[1] & 0x7f;
    return input.size() < payload ? 0 : payload;
  }

  void begin_anew() {
    given = 0;
    head[1] = 0;
    announced = whole_frame = whole_message = false;
  }

  void begin_frame(uint8_t opcode, uint64_t payload) {
    announced = true;
    payload_left = payload;
    control = is_control(opcode);
    idle = control || payload == 0;
    half_code = opcode == WSLAY_CONNECTION_CLOSE && payload == 1;
    if (control) return;
    in_message = true;
    binary |= opcode == WSLAY_BINARY_FRAME;
  }

  void take_chunk(std::string_view bytes) {
    payload_left -= bytes.size();
    if (!control && !refused()) message += bytes;
  }

  bool refused() const { return too_large || binary; }

  std::string& message;
  const size_t max;
  wslay_event_context_ptr context = nullptr;
  std::string_view input{};
  std::string answer{};  // what wslay wants to be sent: pongs, a Close
  uint64_t payload_left = 0;
  uint8_t head[10] = {};   // the frame's first bytes: what it is, and how long
  size_t given = 0;        // of the frame
  bool announced = false;  // wslay has told of the frame
  bool control = false;
  bool idle = false;           // the frame brings a message no further
  bool in_message = false;     // a fragment has come, the last one has not
  bool half_code = false;      // a Close with one byte, of the two that a code has: wslay takes it for none
  bool whole_frame = false;    // the end of a frame: no bytes of the next
  bool whole_message = false;  // that was its message's last
  bool too_large = false;
  bool binary = false;
};

WebSocket::WebSocket(size_t max_message) : max_(max_message) {}
WebSocket::~WebSocket() = default;

WebSocket::Found WebSocket::next(std::string_view input, int64_t now_ms, const Out& out) {
  Found all;
  if (!begun()) message_ = std::string();
  while (over_ == Status::more && !input.empty()) {
    if (!reader_) reader_ = std::make_unique<Reader>(message_, max_);
    const Found found = take(input, out);
    if (found.consumed == 0 && over_ == Status::more) break;  // half a control frame
    input.remove_prefix(found.consumed);
    all.consumed += found.consumed;
    all.heard |= found.heard;
    if (found.heard && reader_->idle && flooded(now_ms)) {
      over_ = Status::ended;
      last_words_ = close_frame(policy);
    }
    const bool between = found.heard && !reader_->in_message;
    if (between || over_ != Status::more) reader_.reset();
    if (found.status != Status::message) continue;
    all.status = Status::message;
    all.message = message_;
    return all;
  }
  all.status = over_;
  return all;
}

// At most one frame.
WebSocket::Found WebSocket::take(std::string_view input, const Out& out) {
  Reader& reader = *reader_;
  reader.input = input;
  if (reader.whole_frame) reader.begin_anew();
  int failed = 0;
  size_t left = 0;
  do {
    left = reader.input.size();
    failed = wslay_event_recv(reader.context);
  } while (failed == 0 && reader.input.size() < left && !reader.whole_frame &&
           wslay_event_get_read_enabled(reader.context));
  wslay_event_send(reader.context);
  const bool closing = wslay_event_get_close_sent(reader.context) != 0;
  const bool broken = failed != 0 || reader.half_code;
  if ((reader.too_large && !broken) || wslay_event_get_status_code_sent(reader.context) == too_big)
    over_ = Status::too_large;
  else if (broken || closing || reader.binary)
    over_ = Status::ended;
  if (over_ == Status::ended)
    last_words_ = broken ? close_frame(protocol_error) : closing ? reader.answer : close_frame(unsupported);
  else if (!reader.answer.empty() && !closing)
    out(reader.answer);
  reader.answer.clear();
  Found found;
  found.consumed = input.size() - reader.input.size();
  found.heard = reader.whole_frame;
  if (over_ == Status::more && reader.whole_message) found.status = Status::message;
  return found;
}

bool WebSocket::flooded(int64_t now_ms) {
  if (now_ms - counted_from_ > flood_ms) {
    counted_from_ = now_ms;
    idle_frames_ = 0;
  }
  return ++idle_frames_ > flood;
}

void WebSocket::write(std::string_view message, const Out& out) {
  write_frame(WSLAY_TEXT_FRAME, message, out);
}

void WebSocket::close(Code code, const Out& out) {
  out(last_words_.empty() ? close_frame(code) : last_words_);
}

}  // namespace net
