// A thread that does jobs one after the other, for calls that return before their work is done.
#ifndef LITE_PLATFORM_WORKER_H_
#define LITE_PLATFORM_WORKER_H_
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "lite/base/config.h"

LITE_NAMESPACE_BEGIN

class Worker {
public:
    Worker() : thread_([this] { work(); }) {}
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    // Does the jobs that are left first. Not to be called by one of them.
    ~Worker() {
        {
            std::lock_guard lock(mutex_);
            stop_ = true;
        }
        changed_.notify_all();
        thread_.join();
    }
    // Whether the caller is this thread, inside a job.
    bool here() const { return std::this_thread::get_id() == thread_.get_id(); }
    // Errors must not leave a job.
    void post(std::function<void()> job) {
        {
            std::lock_guard lock(mutex_);
            jobs_.push_back(std::move(job));
        }
        changed_.notify_all();
    }
    // Returns when all jobs are done. Not to be called by one of them.
    void wait() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return jobs_.empty() && !busy_; });
    }

private:
    void work() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, [&] { return stop_ || !jobs_.empty(); });
            if (jobs_.empty()) return;
            std::function<void()> job = std::move(jobs_.front());
            jobs_.pop_front();
            busy_ = true;
            lock.unlock();
            job();
            job = nullptr;
            lock.lock();
            busy_ = false;
            changed_.notify_all();
        }
    }
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::function<void()>> jobs_;
    bool stop_ = false, busy_ = false;
    std::thread thread_;
};

LITE_NAMESPACE_END
#endif
