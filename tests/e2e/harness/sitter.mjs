// Somebody in front of the camera who looks more like a person than the browsers' test pattern: for pictures that people look at.

export const people = [
  { name: 'Anna', wall: '#c9a46a', shirt: '#31597d', skin: '#f0c8a0', hair: '#5b3a21', long: true },
  { name: 'Ben', wall: '#5d8f7b', shirt: '#b5523b', skin: '#9a6844', hair: '#1f1a17', long: false },
  { name: 'Carla', wall: '#8d6f9c', shirt: '#e9e2d0', skin: '#e3a97c', hair: '#2c2422', long: true, speaks: true },
  { name: 'Dora', wall: '#5b7fae', shirt: '#3f7a52', skin: '#f3d3b8', hair: '#b8893c', long: false },
];

/** In the page: somebody drawn instead of the fake camera's test pattern, and silence instead of its beeps for whoever listens. */
export function sitDown({ wall, shirt, skin, hair, long, speaks }) {
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);

  function draw(context, time) {
    const { width, height } = context.canvas;
    const fill = (color, path) => {
      context.fillStyle = color;
      context.beginPath();
      path();
      context.fill();
    };
    const light = context.createLinearGradient(0, 0, width, height);
    light.addColorStop(0, wall);
    light.addColorStop(1, '#222938');
    fill(light, () => context.rect(0, 0, width, height));
    // A window with evening light, and a shelf.
    fill('rgba(255, 244, 214, 0.5)', () => context.roundRect(width * 0.07, height * 0.1, width * 0.19, height * 0.42, 8));
    fill(wall, () => context.rect(width * 0.16, height * 0.1, width * 0.008, height * 0.42));
    fill('rgba(20, 22, 30, 0.35)', () => context.rect(width * 0.72, height * 0.4, width * 0.25, height * 0.02));
    ['#d98e5f', '#7fb3a6', '#e6d3a1', '#8797c7', '#c97f8e'].forEach((color, book) =>
      fill(color, () => context.rect(width * (0.74 + book * 0.035), height * (0.22 + (book % 3) * 0.03), width * 0.028, height * (0.18 - (book % 3) * 0.03))));

    const unit = height / 100;
    const x = width / 2 + Math.sin(time / 900) * unit;
    const ellipse = (dx, y, rx, ry) => () => context.ellipse(x + dx * unit, y * unit, rx * unit, ry * unit, 0, 0, 2 * Math.PI);
    if (long) fill(hair, () => context.roundRect(x - 21 * unit, 24 * unit, 42 * unit, 56 * unit, 20 * unit));
    fill(hair, ellipse(0, 37, 19.5, 21));
    fill(skin, () => context.roundRect(x - 7 * unit, 55 * unit, 14 * unit, 22 * unit, 6 * unit));
    fill(shirt, () => context.roundRect(x - 38 * unit, 72 * unit, 76 * unit, 50 * unit, 24 * unit));
    fill(skin, ellipse(0, 75, 8, 5));
    fill(skin, ellipse(0, 44, 16, 20));
    fill(hair, () => context.ellipse(x, 31 * unit, 17 * unit, 9 * unit, 0, Math.PI, 2 * Math.PI));
    for (const side of [-1, 1]) fill('#2a2320', ellipse(side * 6, 43, 1.4, 1.8));
    context.strokeStyle = '#7d3b33';
    context.lineWidth = 1.2 * unit;
    context.lineCap = 'round';
    context.beginPath();
    context.arc(x, 49 * unit, 6 * unit, 0.2 * Math.PI, 0.8 * Math.PI);
    context.stroke();
  }

  function camera() {
    const canvas = Object.assign(document.createElement('canvas'), { width: 960, height: 540 });
    const context = canvas.getContext('2d');
    setInterval(() => draw(context, performance.now()), 66);
    return canvas.captureStream(15).getVideoTracks()[0];
  }
  // Samples, all of them zero: a microphone in a quiet room.
  function silence() {
    const context = new AudioContext();
    const destination = context.createMediaStreamDestination();
    const source = new ConstantSourceNode(context, { offset: 0 });
    source.connect(destination);
    source.start();
    return destination.stream.getAudioTracks()[0];
  }

  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const tracks = (await real(constraints)).getTracks();
    return new MediaStream(tracks.map((track) => {
      if (track.kind === 'audio' && speaks) return track;
      track.stop();
      return track.kind === 'video' ? camera() : silence();
    }));
  };

  // A slide in the place of a screen.
  navigator.mediaDevices.getDisplayMedia = async () => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
    const context = canvas.getContext('2d');
    const paint = () => {
      context.fillStyle = '#fbfaf6';
      context.fillRect(0, 0, 1280, 720);
      context.fillStyle = shirt;
      context.fillRect(0, 0, 1280, 18);
      context.fillStyle = '#1d2430';
      context.font = '600 58px sans-serif';
      context.fillText('The plan for spring', 90, 140);
      context.font = '32px sans-serif';
      ['Plant the apple trees before March', 'Paint the fence, and mend the gate', 'Ask the neighbours about bees'].forEach((line, index) => {
        context.fillText(`${index + 1}.  ${line}`, 90, 250 + index * 80);
      });
      context.fillStyle = wall;
      [120, 210, 160, 290, 240].forEach((value, index) => context.fillRect(840 + index * 70, 640 - value, 48, value));
      context.fillStyle = '#8a8f98';
      context.font = '22px sans-serif';
      context.fillText(new Date().toISOString().slice(11, 19), 90, 650);
    };
    paint();
    setInterval(paint, 200);
    return canvas.captureStream(5);
  };
}
