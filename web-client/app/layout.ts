// Where tiles go: pure geometry. The page moves its tiles to these rectangles and animates the way.

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Stage {
  width: number;
  height: number;
  gap: number;
}

const widest = 16 / 9;

/** On a wide stage pictures stay near the camera's shape; on a phone held upright they may be cropped to tall ones. */
function narrowest({ width, height }: Stage): number {
  return width >= height ? 4 / 3 : 0.65;
}

interface Cell {
  columns: number;
  width: number;
  height: number;
}

function cell(stage: Stage, count: number, columns: number, tallest: number): Cell {
  const rows = Math.ceil(count / columns);
  const width = (stage.width - stage.gap * (columns - 1)) / columns;
  const height = (stage.height - stage.gap * (rows - 1)) / rows;
  // The gaps alone fill the stage.
  if (width <= 0 || height <= 0) return { columns, width: 0, height: 0 };
  const shape = width / height;
  if (shape > widest) return { columns, width: height * widest, height };
  return shape < tallest ? { columns, width, height: width / tallest } : { columns, width, height };
}

function area({ width, height }: { width: number; height: number }): number {
  return width * height;
}

function bestCell(stage: Stage, count: number, tallest: number): Cell {
  const cells = Array.from({ length: count }, (_, index) => cell(stage, count, index + 1, tallest));
  return cells.reduce((left, right) => (area(right) > area(left) ? right : left));
}

/** The biggest equal tiles that fit; the last row is centred. */
export function grid(stage: Stage, count: number, tallest = narrowest(stage)): Rectangle[] {
  if (count === 0) return [];
  const { columns, width, height } = bestCell(stage, count, tallest);
  const rows = Math.ceil(count / columns);
  const top = (stage.height - rows * height - (rows - 1) * stage.gap) / 2;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    const left = (stage.width - inRow * width - (inRow - 1) * stage.gap) / 2;
    return { x: left + (index % columns) * (width + stage.gap), y: top + row * (height + stage.gap), width, height };
  });
}

/** A page has no more: the faces would be lost, and the browser has to decode them all. */
export const mostTiles = 49;

/** Below this width a stage belongs to a phone. */
export const phoneWidth = 640;

/** In pixels of area: nobody is recognised on a smaller tile. A finger needs more than a mouse. */
function smallestTile({ width }: Stage): number {
  return width < phoneWidth ? 14_000 : 8_000;
}

/** How many tiles a page of the stage has, when there are more than fit. */
export function capacity(stage: Stage, tallest = narrowest(stage), smallest = smallestTile(stage)): number {
  let most = 1;
  while (most < mostTiles && area(bestCell(stage, most + 1, tallest)) >= smallest) most += 1;
  return most;
}

/** Beside the large ones, tiles keep near to the camera's shape. */
const stripShape = 4 / 3;
/** In pixels of area; there they only say who else is here. */
const smallestBeside = 8_000;

/** A screen is never higher than this on an upright stage: above and below it would be nothing but black. */
const screenShape = 4 / 3;

/** `wide`: what is large is not cropped. */
function split(stage: Stage, wide: boolean): { large: Stage; strip: Stage; at: { x: number; y: number } } {
  const { width, height, gap } = stage;
  if (height > width) {
    const least = Math.min(height * 0.22, 150);
    const strip = wide ? Math.max(least, height - width / screenShape - gap) : least;
    const large = height - strip - gap;
    return { large: { width, height: large, gap }, strip: { width, height: strip, gap }, at: { x: 0, y: large + gap } };
  }
  const strip = Math.min(width * 0.2, 240);
  const large = width - strip - gap;
  return { large: { width: large, height, gap }, strip: { width: strip, height, gap }, at: { x: large + gap, y: 0 } };
}

/** How many tiles fit beside the large ones. */
export function stripCapacity(stage: Stage, wide: boolean): number {
  const { strip } = split(stage, wide);
  return capacity(strip, stripShape, smallestBeside);
}

/** The first `large` ones share most of the stage; the rest is in a strip beside them, or below when the stage is upright. */
export function spotlight(stage: Stage, large: number, rest: number, wide: boolean): Rectangle[] {
  if (rest === 0) return share(stage, large);
  const parts = split(stage, wide);
  const beside = grid(parts.strip, rest, stripShape);
  return [
    ...share(parts.large, large),
    ...beside.map((each) => ({ ...each, x: each.x + parts.at.x, y: each.y + parts.at.y })),
  ];
}

/** A single one may have any shape: a screen is shown whole in it. */
function share(stage: Stage, count: number): Rectangle[] {
  return count === 1 ? [{ x: 0, y: 0, width: stage.width, height: stage.height }] : grid(stage, count, 1);
}

/** Two people on a narrow stage: the other fills it, and we are in the corner. First the other, then ourselves. */
export function duo(stage: Stage): Rectangle[] {
  const width = Math.min(stage.width * 0.3, 150);
  const height = width * 1.35;
  const margin = stage.gap + 2;
  return [
    { x: 0, y: 0, width: stage.width, height: stage.height },
    { x: stage.width - width - margin, y: stage.height - height - margin, width, height },
  ];
}
