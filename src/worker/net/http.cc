// See http.h.
#include "worker/net/http.h"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <boost/beast/websocket/detail/hybi13.hpp>  // detail: Beast shows the computation of the key nowhere else
#include <boost/beast/websocket/rfc6455.hpp>

namespace net {
namespace {

namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

boost::beast::string_view as_beast(std::string_view text) {
  return {text.data(), text.size()};
}

bool takes_gzip(boost::beast::string_view accepted) {
  for (const auto& coding : http::ext_list(accepted)) {
    if (!boost::beast::iequals(coding.first, "gzip")) continue;
    for (const auto& parameter : coding.second)
      if (boost::beast::iequals(parameter.first, "q") &&
          parameter.second.find_first_not_of("0.") == parameter.second.npos)
        return false;
    return true;
  }
  return false;
}

}  // namespace

struct HttpHead::Parser {
  http::request_parser<http::empty_body> it;
};

HttpHead::HttpHead() : parser_(std::make_unique<Parser>()) {
  parser_->it.header_limit(longest_head);
}

HttpHead::~HttpHead() = default;

HttpHead::Found HttpHead::feed(std::string_view input) {
  Found found;
  if (input.empty()) return found;
  boost::beast::error_code error;
  found.consumed = parser_->it.put(boost::asio::const_buffer(input.data(), input.size()), error);
  taken_ += found.consumed;
  const bool done = parser_->it.is_header_done();
  // Counted here, too: Beast's own limit is one of each piece.
  if (error == http::error::header_limit ||
      taken_ + (done ? 0 : input.size() - found.consumed) > longest_head)
    found.status = Status::too_long;
  else if (error && error != http::error::need_more)
    found.status = Status::bad;
  else if (done)
    found.status = Status::done;
  return found;
}

HttpRequest HttpHead::request() const {
  const auto& head = parser_->it.get();
  const auto field = [&head](auto name) { return std::string(head[name]); };
  HttpRequest out;
  out.method = std::string(head.method_string());
  out.target = std::string(head.target());
  out.version = static_cast<int>(head.version());
  for (const auto name : {http::field::host, http::field::origin, http::field::sec_websocket_key})
    out.ambiguous |= head.count(name) > 1;
  out.keep_alive = head.keep_alive();
  out.has_body = parser_->it.chunked() || parser_->it.content_length().value_or(0) > 0;
  out.takes_gzip = takes_gzip(head[http::field::accept_encoding]);
  out.upgrade = websocket::is_upgrade(head);
  out.host = field(http::field::host);
  out.origin = field(http::field::origin);
  out.if_none_match = field(http::field::if_none_match);
  out.websocket_version = field(http::field::sec_websocket_version);
  out.websocket_key = field(http::field::sec_websocket_key);
  const auto [first, last] =
      head.equal_range(http::field::sec_websocket_protocol);  // one list in several lines
  for (auto offered = first; offered != last; ++offered) {
    out.wants_protocol = true;
    out.wants_ours |= http::token_list(offered->value()).exists(as_beast(websocket_protocol));
  }
  return out;
}

std::string websocket_accept(std::string_view key) {
  char nonce[32];
  if (key.size() != boost::beast::detail::base64::encoded_size(16)) return "";
  const auto decoded = boost::beast::detail::base64::decode(nonce, key.data(), key.size());
  if (decoded.first != 16) return "";
  websocket::detail::sec_ws_accept_type accept;
  websocket::detail::make_sec_ws_accept(accept, as_beast(key));
  return std::string(accept.data(), accept.size());
}

}  // namespace net
