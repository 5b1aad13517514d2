// The report for a browser: one page without scripts and without anything from elsewhere, with plots as inline SVG.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>

#include "loadtest/report.hpp"

namespace parley::loadtest {
namespace {

constexpr const char* style = R"(
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5d6b7c; --line: #dfe4ea; --card: #fff; --page: #f4f6f8;
        --one: #2563c9; --two: #d9480f; --good: #1a7f4b; --bad: #c92a2a; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaf0; --soft: #93a1b3; --line: #2c3542; --card: #1a212b; --page: #11161d;
          --one: #6ea8fe; --two: #ff922b; --good: #51cf8a; --bad: #ff7b7b; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1080px; padding: 2rem 1.2rem; background: var(--page); color: var(--ink);
       font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 0.95rem; margin: 0 0 0.4rem; }
p { margin: 0.2rem 0 1.2rem; color: var(--soft); }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 440px), 1fr)); gap: 1rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem; margin-bottom: 1rem;
        overflow-x: auto; }
.plots .card { margin: 0; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; padding: 0.3rem 1rem 0.3rem 0; border-bottom: 1px solid var(--line); }
tr:last-child td { border-bottom: 0; } th { font-weight: 600; color: var(--soft); }
.held { color: var(--good); font-weight: 600; } .missed { color: var(--bad); font-weight: 600; }
pre { margin: 0; font: 13px/1.5 ui-monospace, monospace; }
svg { width: 100%; height: auto; display: block; } svg text { fill: var(--soft); font: 11px system-ui, sans-serif; }
.grid { stroke: var(--line); } .one { stroke: var(--one); } .two { stroke: var(--two); }
.curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
.legend { float: right; font-weight: 400; color: var(--soft); } .legend b { font-weight: 600; }
.legend .one { color: var(--one); } .legend .two { color: var(--two); }
)";

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '&')
      result += "&amp;";
    else if (c == '"')
      result += "&quot;";
    else
      result += c;
  }
  return result;
}

std::string number(double value) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%.4g", value);
  return text.data();
}

struct Curve {
  std::string name;
  std::function<double(const Sample&)> value;
};
struct Plot {
  std::string title;
  std::string unit;
  std::vector<Curve> curves;  ///< two at most: the style has as many colours
};

/// The area of the curves within the picture; the rest is for the axes' labels.
constexpr double width = 480, height = 190, left = 46, right = 470, top = 8, bottom = 168;

/// The next of 1, 2, 5, 10, 20, ... that is not below `value`.
double round_up(double value) {
  if (!(value > 0)) return 1;
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {1.0, 2.0, 5.0})
    if (value <= step * power) return step * power;
  return 10 * power;
}

class Canvas {
 public:
  Canvas(double end, double highest) : end_(std::max(end, 1.0)), highest_(round_up(highest)) {}

  std::string axes() const {
    std::string svg;
    for (int i = 0; i <= 4; ++i) {
      const double value = highest_ * i / 4;
      svg += "<line class=\"grid\" x1=\"" + number(left) + "\" x2=\"" + number(right) + "\" y1=\"" + number(y(value)) +
             "\" y2=\"" + number(y(value)) + "\"/><text text-anchor=\"end\" x=\"" + number(left - 6) + "\" y=\"" +
             number(y(value) + 4) + "\">" + number(value) + "</text>";
    }
    for (int i = 0; i <= 4; ++i) {
      const double at = end_ * i / 4;
      svg += "<text text-anchor=\"" + std::string(i == 4 ? "end" : "middle") + "\" x=\"" + number(x(at)) + "\" y=\"" +
             number(bottom + 16) + "\">" + number(std::round(at)) + " s</text>";
    }
    return svg;
  }
  std::string curve(const std::vector<Sample>& samples, const Curve& curve, const char* colour) const {
    std::string points;
    for (const Sample& sample : samples)
      points += number(x(std::chrono::duration<double>(sample.at).count())) + "," + number(y(curve.value(sample))) + " ";
    return "<polyline class=\"curve " + std::string(colour) + "\" points=\"" + points + "\"/>";
  }

 private:
  double x(double at) const { return left + (right - left) * std::min(at / end_, 1.0); }
  double y(double value) const { return bottom - (bottom - top) * value / highest_; }
  double end_;
  double highest_;
};

std::string draw(const Report& report, const Plot& plot) {
  constexpr std::array colours{"one", "two"};
  double highest = 0;
  for (const Sample& sample : report.samples)
    for (const Curve& curve : plot.curves) highest = std::max(highest, curve.value(sample));
  const Canvas canvas(std::chrono::duration<double>(report.length).count(), highest);
  std::string legend, curves;
  for (std::size_t i = 0; i < plot.curves.size(); ++i) {
    if (plot.curves.size() > 1) legend += " <b class=\"" + std::string(colours[i]) + "\">" + plot.curves[i].name + "</b>";
    curves += canvas.curve(report.samples, plot.curves[i], colours[i]);
  }
  return "<div class=\"card\"><h2>" + plot.title + " <span class=\"legend\">" + legend + " " + plot.unit +
         "</span></h2><svg role=\"img\" aria-label=\"" + plot.title + " over time\" viewBox=\"0 0 " + number(width) + " " +
         number(height) + "\">" + canvas.axes() + curves + "</svg></div>\n";
}

std::vector<Plot> plots(const Report& report) {
  const auto milliseconds_of = [](Duration duration) { return std::chrono::duration<double, std::milli>(duration).count(); };
  std::vector<Plot> all{
      {"Peers",
       "",
       {{"connected", [](const Sample& sample) { return double(sample.attendance.connected); }},
        {"failed", [](const Sample& sample) { return double(sample.attendance.failed); }}}},
      {"Packets received", "thousands/s", {{"", [](const Sample& sample) { return sample.packets_per_second / 1000; }}}},
      {"Delay from publisher to viewer",
       "ms",
       {{"p50", [=](const Sample& sample) { return milliseconds_of(sample.delay_p50); }},
        {"p99", [=](const Sample& sample) { return milliseconds_of(sample.delay_p99); }}}},
      {"Packets lost", "%", {{"", [](const Sample& sample) { return 100 * sample.loss; }}}}};
  if (!report.server_cpu) return all;
  all.push_back(
      {"Server CPU", "% of a core", {{"", [](const Sample& sample) { return 100 * sample.server_cores.value_or(0); }}}});
  all.push_back(
      {"Server memory", "MB", {{"", [](const Sample& sample) { return double(sample.server_memory.value_or(0)) / 1e6; }}}});
  return all;
}

std::string threshold_table(const Report& report) {
  if (report.verdicts.empty()) return {};
  std::string html = "<div class=\"card\"><table><tr><th>Threshold</th><th>At most</th><th>Measured</th><th></th></tr>\n";
  for (const Verdict& verdict : report.verdicts) {
    const MetricInfo& info = metrics()[static_cast<std::size_t>(verdict.threshold.metric)];
    html += "<tr><td>" + std::string(info.words) + "</td><td>" + format(verdict.threshold.limit, info.unit) + "</td><td>" +
            (verdict.measured ? format(*verdict.measured, info.unit) : "not measured") + "</td><td class=\"" +
            (verdict.held() ? "held\">held" : "missed\">missed") + "</td></tr>\n";
  }
  return html + "</table></div>\n";
}

}  // namespace

std::string write_html(const Report& report) {
  std::string html = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n";
  html += "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" + escaped(report.scenario);
  html += "</title>\n<style>" + std::string(style) + "</style></head><body>\n<h1>" + escaped(report.scenario) + "</h1>\n";
  html += "<p>" + escaped(report.server) + "</p>\n" + threshold_table(report) + "<div class=\"plots\">\n";
  for (const Plot& plot : plots(report)) html += draw(report, plot);
  return html + "</div>\n<div class=\"card\" style=\"margin-top: 1rem\"><pre>" + escaped(write_table(report)) +
         "</pre></div>\n</body></html>\n";
}

}  // namespace parley::loadtest
