#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/post.hpp>
#include <string>
#include <utility>

namespace kurs {

namespace net = boost::asio;

/// Removes the interim answers (1xx other than 101) at the beginning of `received`. Returns whether more must
/// be read to tell whether the rest begins with another one.
bool skip_interim_answers(std::string& received);

/// A socket that hides interim answers: Beast 1.81 takes the first answer to an upgrade for the final one.
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
                                 std::move(self));  // never completes in the call itself
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

    std::string received_;   ///< read and not yet handed over
    bool is_final_ = false;  ///< the interim answers are over
};

}  // namespace kurs
