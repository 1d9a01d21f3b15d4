#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/post.hpp>
#include <string>
#include <utility>

namespace kurs {

namespace net = boost::asio;

/// Removes interim responses (1xx other than 101) from the beginning of `received`. Returns true if more data
/// is needed to decide whether another one follows.
bool skip_interim_answers(std::string& received);

/// A socket that hides interim responses: Beast 1.81 treats the first response to an upgrade as the final
/// one.
template <class Layer>
class FinalAnswer : public Layer {
public:
    explicit FinalAnswer(Layer&& layer) : Layer(std::move(layer)) {}

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        if (is_final_ && received_.empty())
            return Layer::async_read_some(buffers, std::forward<Token>(token));
        return net::async_compose<Token, void(boost::system::error_code, std::size_t)>(
            ReadSome<Buffers>{*this, buffers}, token, *this);
    }

private:
    template <class Buffers>
    struct ReadSome {
        FinalAnswer& stream;
        Buffers buffers;
        bool is_begun = false;

        template <class Self>
        void operator()(Self& self, boost::system::error_code failure = {}, std::size_t size = 0) {
            if (!std::exchange(is_begun, true) && stream.is_final_)
                return net::post(stream.get_executor(),
                                 std::move(self));  // never completes inside the initiating call
            if (!stream.is_final_) {
                const auto before = stream.received_.size();
                stream.received_.resize(before + size);
                net::buffer_copy(net::buffer(stream.received_) + before, buffers);
                stream.is_final_ = failure || !skip_interim_answers(stream.received_);
            }
            if (!stream.is_final_)
                return static_cast<Layer&>(stream).async_read_some(buffers, std::move(self));
            const auto copied = net::buffer_copy(buffers, net::buffer(stream.received_));
            stream.received_.erase(0, copied);
            self.complete(copied > 0 ? boost::system::error_code{} : failure, copied);
        }
    };

    std::string received_;   ///< read but not yet delivered
    bool is_final_ = false;  ///< the final response has begun
};

}  // namespace kurs
