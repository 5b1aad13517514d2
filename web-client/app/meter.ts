// How loud a microphone is, for the eye: 0 silent … 1 loud.

export class Meter {
  private readonly context = new AudioContext();
  private readonly analyser = new AnalyserNode(this.context, { fftSize: 512, smoothingTimeConstant: 0.6 });
  private readonly samples = new Float32Array(this.analyser.fftSize);
  private source: MediaStreamAudioSourceNode | undefined;
  private track: MediaStreamTrack | undefined;
  private frame = 0;

  constructor(private readonly show: (level: number) => void) {}

  become(track: MediaStreamTrack | undefined): void {
    if (track === this.track) return;
    this.track = track;
    this.source?.disconnect();
    this.source = undefined;
    cancelAnimationFrame(this.frame);
    this.show(0);
    if (!track) return;
    void this.context.resume();
    this.source = new MediaStreamAudioSourceNode(this.context, { mediaStream: new MediaStream([track]) });
    this.source.connect(this.analyser);
    this.measure();
  }

  close(): void {
    this.become(undefined);
    void this.context.close();
  }

  private measure(): void {
    this.analyser.getFloatTimeDomainData(this.samples);
    const power = this.samples.reduce((sum, sample) => sum + sample * sample, 0) / this.samples.length;
    // -60 dB and below is silence, -10 dB a loud voice.
    const decibels = 10 * Math.log10(power + 1e-9);
    this.show(Math.min(1, Math.max(0, (decibels + 60) / 50)));
    this.frame = requestAnimationFrame(() => this.measure());
  }
}
