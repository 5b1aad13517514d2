#include "tests/sim/quality/plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace parley::quality {

namespace {

constexpr double width = 960;
constexpr double left = 60;
constexpr double right = 20;
constexpr double top = 46;
constexpr double panel_height = 200;
constexpr double gap = 42;
/// The first one is that of the capacity, which is a fact and not a result: grey.
constexpr std::array colours = {"#9aa0a6", "#1f6feb", "#2da44e", "#cf222e", "#8250df", "#bf8700", "#0a7ea4", "#d6409f"};

std::string text(const char* format, auto... values) {
  char line[256];
  std::snprintf(line, sizeof line, format, values...);
  return line;
}

std::string escaped(const std::string& plain) {
  std::string out;
  for (const char each : plain) out += each == '<' ? "&lt;" : each == '>' ? "&gt;" : each == '&' ? "&amp;" : std::string(1, each);
  return out;
}

double highest(const Panel& panel) {
  double value = 0;
  for (const Series& series : panel.series)
    for (const double each : series.values) value = std::max(value, each);
  return value;
}

/// 1, 2 or 5 times a power of ten, so that about `count` of them make `range`.
double nice_step(double range, int count) {
  const double raw = range / count;
  const double power = std::pow(10, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (raw <= factor * power) return factor * power;
  return 10 * power;
}

/// From values to coordinates.
struct Frame {
  double y = 0;  ///< of the upper edge
  double seconds = 0;
  double most = 0;
  double x_of(double second) const { return left + second / seconds * (width - left - right); }
  double y_of(double value) const { return y + panel_height * (1 - value / most); }
};

void draw_grid(const Frame& frame, std::string& out) {
  const double x_step = nice_step(frame.seconds, 10);
  const double y_step = nice_step(frame.most, 4);
  for (double second = 0; second <= frame.seconds * 1.0001; second += x_step) {
    const double x = frame.x_of(second);
    out += text("<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='#eee'/>\n", x, frame.y, x, frame.y + panel_height);
    out += text("<text x='%.1f' y='%.1f' text-anchor='middle'>%g s</text>\n", x, frame.y + panel_height + 15, second);
  }
  for (double value = 0; value <= frame.most * 1.0001; value += y_step) {
    const double y = frame.y_of(value);
    out += text("<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='#ddd'/>\n", left, y, width - right, y);
    out += text("<text x='%.1f' y='%.1f' text-anchor='end'>%g</text>\n", left - 6, y + 4, value);
  }
}

void draw_series(const Frame& frame, const Series& series, double interval, const char* colour, std::string& out) {
  out += text("<polyline fill='none' stroke-width='1.4' stroke='%s' points='", colour);
  for (std::size_t i = 0; i < series.values.size(); ++i)
    out += text("%.1f,%.1f ", frame.x_of(static_cast<double>(i + 1) * interval), frame.y_of(series.values[i]));
  out += "'/>\n";
}

void draw_panel(const Panel& panel, double interval, double y, std::string& out) {
  std::size_t longest = 1;
  for (const Series& series : panel.series) longest = std::max(longest, series.values.size());
  const Frame frame{.y = y, .seconds = static_cast<double>(longest) * interval, .most = std::max(highest(panel) * 1.05, 1e-3)};
  draw_grid(frame, out);
  out += text("<text x='%.1f' y='%.1f' font-weight='bold'>", left, y - 7) + escaped(panel.title) + "</text>\n";
  double x = left + 110;
  for (std::size_t i = 0; i < panel.series.size(); ++i) {
    // Only the panel of the capacity has a grey line.
    const bool grey_first = panel.series.front().name == "capacity";
    const char* const colour = colours[(i + (grey_first ? 0 : 1)) % colours.size()];
    draw_series(frame, panel.series[i], interval, colour, out);
    out += text("<text x='%.1f' y='%.1f' fill='%s'>", x, y - 7, colour) + escaped(panel.series[i].name) + "</text>\n";
    x += 100;
  }
}

}  // namespace

std::string plot(const std::string& title, const Recording& recording) {
  const double height = top + static_cast<double>(recording.panels.size()) * (panel_height + gap) + 4;
  std::string out =
      text("<svg xmlns='http://www.w3.org/2000/svg' width='%g' height='%g' viewBox='0 0 %g %g' ", width, height, width, height);
  out += "font-family='sans-serif' font-size='11' fill='#333'>\n<rect width='100%' height='100%' fill='white'/>\n";
  out += text("<text x='%g' y='18' font-size='14'>", left) + escaped(title) + "</text>\n";
  double y = top;
  for (const Panel& panel : recording.panels) {
    draw_panel(panel, recording.interval, y, out);
    y += panel_height + gap;
  }
  return out + "</svg>\n";
}

}  // namespace parley::quality
