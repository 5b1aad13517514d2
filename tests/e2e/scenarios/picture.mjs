// Makes the picture of the page in a call that the README shows: tests/e2e/run picture

import { fileURLToPath } from 'node:url';
import { startParley } from '../harness/parley.mjs';
import { allSeeAndHearEachOther, join } from '../harness/person.mjs';

export const onlyWhenNamed = true;
export const seconds = 120;

const picture = fileURLToPath(new URL('../../../deploy/picture-call.png', import.meta.url));

/** In the page: instead of the fake camera's test pattern, somebody drawn who sways a little. */
function drawInsteadOfCamera(wall, shirt, skin) {
  const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const draw = (context, time) => {
    const { width, height } = context.canvas;
    const circle = (x, y, radius, color) => {
      context.fillStyle = color;
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fill();
    };
    const light = context.createLinearGradient(0, 0, width, height);
    light.addColorStop(0, wall);
    light.addColorStop(1, '#1d2330');
    context.fillStyle = light;
    context.fillRect(0, 0, width, height);
    const x = width / 2 + Math.sin(time / 900) * width * 0.01;
    circle(x, height * 1.12, height * 0.44, shirt);
    circle(x, height * 0.47, height * 0.2, skin);
  };
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const media = await real(constraints);
    for (const track of media.getVideoTracks()) {
      track.stop();
      media.removeTrack(track);
      const canvas = Object.assign(document.createElement('canvas'), { width: 960, height: 540 });
      const context = canvas.getContext('2d');
      setInterval(() => draw(context, performance.now()), 66);
      media.addTrack(canvas.captureStream(15).getVideoTracks()[0]);
    }
    return media;
  };
}

const people = [
  ['Anna', '#e7b65c', '#31597d', '#f0c8a0'],
  ['Ben', '#6aa58c', '#b5523b', '#8d5a3b'],
  ['Carla', '#b07aa8', '#e9e2d0', '#e3a97c'],
  ['Dora', '#6f93c9', '#3f7a52', '#f3d3b8'],
];

export const tests = {
  'four people in a call, as the README shows them': async (stage) => {
    const parley = await startParley(stage);
    const everybody = [];
    for (const [name, ...colors] of people) {
      everybody.push(
        await join(stage, parley, name, {
          width: 1280,
          height: 800,
          query: { resolution: 360 },
          prepare: (page) => page.evaluateOnNewDocument(drawInsteadOfCamera, ...colors),
        }),
      );
    }
    await allSeeAndHearEachOther(everybody);
    await everybody[0].page.screenshot({ path: picture });
    stage.say(picture);
  },
};
