export {};

declare global {
  /** One chart on a canvas, for as long as the page shows it in this way. */
  class Chart {
    constructor(canvas: HTMLCanvasElement, configuration: Configuration);
    destroy(): void;
  }

  type Paint = string | CanvasPattern;

  type Dataset = {
    label: string;
    data: (number | null)[];
    backgroundColor: Paint;
    borderColor?: string;
    borderDash?: number[];
    borderWidth?: number;
    pointStyle?: "circle" | "triangle";
    pointRadius?: (context: { dataIndex: number }) => number;
    pointHoverRadius?: number;
    pointBackgroundColor?: string;
    barPercentage?: number;
    categoryPercentage?: number;
    maxBarThickness?: number;
    spanGaps?: boolean;
  };

  type Axis = {
    stacked?: boolean;
    beginAtZero?: boolean;
    afterFit?: (axis: {
      width: number;
      ctx: CanvasRenderingContext2D;
      chart: { width: number };
    }) => void;
    title?: { display: boolean; text: string; color: string };
    grid: { display?: boolean; color: string };
    border?: { color: string };
    ticks: {
      color: string;
      precision?: number;
      autoSkip?: boolean;
      autoSkipPadding?: number;
      maxRotation?: number;
      callback?: (value: number, index: number) => string | number | null;
    };
  };

  type Configuration = {
    type: "bar" | "line";
    data: { labels: string[]; datasets: Dataset[] };
    options: {
      locale: string;
      font: { family: string; size: number };
      indexAxis?: "x" | "y";
      animation: false;
      maintainAspectRatio: false;
      interaction: { mode: "index"; axis: "x" | "y"; intersect: false };
      scales: { x: Axis; y: Axis };
      plugins: {
        legend: {
          display: boolean;
          align: "start";
          onClick: () => void;
          labels: { color: string; boxWidth: number; boxHeight: number; usePointStyle: boolean };
        };
        tooltip: Record<string, unknown>;
      };
    };
  };
}
