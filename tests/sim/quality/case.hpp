#pragma once
// What parley-sim can run: cases, each of which plays something in virtual time and says how it went, in figures of which each
// has a bound, and in a recording that can be plotted. A case decides by itself what it plays: flows on a bottleneck
// (experiment.hpp), or a whole Parley (world.hpp).

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace parley::quality {

/// Something measured, and between what it must be, both included.
struct Figure {
  std::string name;
  double measured = 0;
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  std::string unit;
  bool reached() const { return measured >= least && measured <= most; }
  /// ">= 85 %"
  std::string wanted() const;
};

Figure at_least(std::string name, double least, double measured, std::string unit);
Figure at_most(std::string name, double most, double measured, std::string unit);
Figure between(std::string name, double least, double most, double measured, std::string unit);

/// Values at regular times from the beginning of the run on.
struct Series {
  std::string name;
  std::vector<double> values;
};

/// Series of one unit, one above the other in the plot.
struct Panel {
  std::string title;  ///< with the unit
  std::vector<Series> series;
};

struct Recording {
  double interval = 0.1;  ///< seconds from one value to the next
  std::vector<Panel> panels;
};

struct Outcome {
  std::vector<Figure> figures;
  Recording recording;
  bool reached() const;
};

struct Case {
  std::string_view name;
  std::string_view what;
  Outcome (*play)(std::uint64_t seed);
};

/// All of them, in the order of the list.
const std::vector<Case>& all_cases();
/// Null: there is none of that name.
const Case* find_case(std::string_view name);

}  // namespace parley::quality
