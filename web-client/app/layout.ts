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

function area({ width, height }: Cell): number {
  return width * height;
}

/** The biggest equal tiles that fit; the last row is centred. */
export function grid(stage: Stage, count: number, tallest = narrowest(stage)): Rectangle[] {
  if (count === 0) return [];
  const cells = Array.from({ length: count }, (_, index) => cell(stage, count, index + 1, tallest));
  const best = cells.reduce((left, right) => (area(right) > area(left) ? right : left));
  const { columns, width, height } = best;
  const rows = Math.ceil(count / columns);
  const top = (stage.height - rows * height - (rows - 1) * stage.gap) / 2;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    const left = (stage.width - inRow * width - (inRow - 1) * stage.gap) / 2;
    return { x: left + (index % columns) * (width + stage.gap), y: top + row * (height + stage.gap), width, height };
  });
}

/** `first` large and the rest in a strip beside it, or below it when the stage is upright. */
export function spotlight(stage: Stage, count: number): Rectangle[] {
  if (count <= 1) return grid(stage, count);
  const upright = stage.height > stage.width;
  const strip = upright ? Math.min(stage.height * 0.22, 150) : Math.min(stage.width * 0.2, 240);
  const large = upright
    ? { x: 0, y: 0, width: stage.width, height: stage.height - strip - stage.gap }
    : { x: 0, y: 0, width: stage.width - strip - stage.gap, height: stage.height };
  const rest = upright
    ? { width: stage.width, height: strip, gap: stage.gap }
    : { width: strip, height: stage.height, gap: stage.gap };
  const offset = upright ? { x: 0, y: large.height + stage.gap } : { x: large.width + stage.gap, y: 0 };
  return [large, ...grid(rest, count - 1, 4 / 3).map((each) => ({ ...each, x: each.x + offset.x, y: each.y + offset.y }))];
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

/** Below this width a stage belongs to a phone. */
export const phoneWidth = 640;
