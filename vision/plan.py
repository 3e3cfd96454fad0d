"""The drawn floor plan: where cameras look, their zones, and where people tend to stand. Never a picture."""

from __future__ import annotations

from dataclasses import dataclass

from vision.queries import CameraNow, Heat, ScopeNow

GRID_X, GRID_Y = 32, 18


@dataclass(frozen=True, slots=True)
class Shape:
    """A line or zone on the plan; `points` for SVG, label position in plan units."""

    scope: ScopeNow
    points: str
    label_x: int
    label_y: int


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the heat map in plan units, drawn with CSS class heat-<level>."""

    x: str
    y: str
    width: str
    height: str
    level: int


@dataclass(frozen=True, slots=True)
class View:
    """One camera's part of the plan."""

    seen: CameraNow
    shapes: tuple[Shape, ...]
    cells: tuple[Cell, ...]


def draw(cameras: list[CameraNow], heat: list[Heat]) -> list[View]:
    """Place every camera's zones and heat on the plan."""
    return [
        View(
            seen,
            tuple(_shape(seen, scope) for scope in seen.scopes),
            tuple(_cell(seen, cell) for cell in heat if cell.camera_id == seen.camera.pk),
        )
        for seen in cameras
    ]


def _shape(seen: CameraNow, scope: ScopeNow) -> Shape:
    camera = seen.camera
    points = [
        (camera.plan_x + x * camera.plan_width, camera.plan_y + y * camera.plan_height)
        for x, y in scope.scope.shape
    ]
    text = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    return Shape(scope, text, round(middle_x), round(middle_y))


def _cell(seen: CameraNow, cell: Heat) -> Cell:
    camera = seen.camera
    width, height = camera.plan_width / GRID_X, camera.plan_height / GRID_Y
    return Cell(
        f"{camera.plan_x + cell.column * width:.1f}",
        f"{camera.plan_y + cell.row * height:.1f}",
        f"{width:.1f}",
        f"{height:.1f}",
        cell.level,
    )
