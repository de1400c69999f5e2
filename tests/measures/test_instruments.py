"""Each instrument on traces with a known answer."""

import re
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measures.differences import slopes
from small.bodies import instrumented
from small.recorded import by_formulas, phases
from venolymph.errors import MeasureError
from venolymph.measures import find, measure, measures
from venolymph.regimen import load_regimen

ANKLE = "great saphenous, calf [1]"
CALF_LET_GO = {"cuff": "calf shell", "cuff pressure": 0.0, "released": 0.0}


def step(time, start, before, after, tau=None):
    """`before`, and from `start` on toward `after`, exponentially where a time constant is given."""
    since = np.clip(time - start, 0, None)
    share = (time > start) if tau is None else 1 - np.exp(-since / tau)
    return before + (after - before) * share


class TestVeinPressure:
    def test_walking_pressure_is_the_mean_over_whole_cycles(self):
        period = 1.15
        walked = by_formulas(
            phases(("stand", 60), ("walk", 92, {}, period)),
            pressure={
                "great saphenous, calf [1]": lambda t: np.where(t <= 60, 84, 25 + 10 * np.sin(2 * np.pi * t / period))
            },
        )
        assert float(measure(walked, "ankle pressure walking")) == pytest.approx(25, abs=0.05)
        assert float(measure(walked, "ankle pressure standing")) == pytest.approx(84)
        assert measure(walked, "ankle pressure").text.endswith("mmHg")

    def test_ankle_is_the_cell_four_centimetres_up_in_each_member(self):
        # in the second member all is half as high, so the ankle lies in the second cell
        both = by_formulas(
            phases(("stand", 30)),
            bodies=[instrumented(), instrumented(0.5)],
            pressure={
                "great saphenous, calf [1]": lambda t: np.full((len(t), 2), 80.0),
                "great saphenous, calf [2]": lambda t: np.full((len(t), 2), 70.0),
            },
        )
        assert measure(both, "ankle pressure").value.tolist() == pytest.approx([80, 70])

    def test_any_named_place(self):
        stood = by_formulas(phases(("stand", 30)), pressure={"femoral [1]": lambda t: 33.0 + 0 * t})
        assert float(measure(stood, "pressure at femoral [1]")) == pytest.approx(33)
        assert float(measure(stood, "Pressure at Femoral [1]")) == pytest.approx(33)
        assert float(measure(stood, "pressure at popliteal")) == pytest.approx(10)

    def test_refill_of_an_exponential(self):
        def pressure(t):
            return np.where(t <= 60, 90.0, np.where(t <= 70, 30.0, 90 - 60 * np.exp(-(t - 70) / 12)))

        trained = by_formulas(
            phases(("stand", 60), ("tiptoes", 10, {"repeats": 10}, 1.0), ("stand", 90)),
            pressure={"great saphenous, calf [1]": pressure},
        )
        assert float(measure(trained, "AVP")) == pytest.approx(30)
        assert float(measure(trained, "RT90")) == pytest.approx(12 * np.log(10), rel=1e-3)

    def test_refill_after_walking(self):
        def pressure(t):
            return np.where(t <= 60, 90.0, np.where(t <= 120, 30.0, 90 - 60 * np.exp(-(t - 120) / 5)))

        walked = by_formulas(phases(("stand", 60), ("walk", 60, {}, 1.0), ("stand", 60)), pressure={ANKLE: pressure})
        assert float(measure(walked, "90 % refill time after walking")) == pytest.approx(5 * np.log(10), rel=5e-3)

    def test_refill_that_does_not_come_is_said_so(self):
        def pressure(t):
            return np.where(t <= 60, 90.0, 30.0)

        trained = by_formulas(
            phases(("stand", 60), ("tiptoes", 10, {"repeats": 10}, 1.0), ("stand", 60)),
            pressure={"great saphenous, calf [1]": pressure},
        )
        reading = measure(trained, "RT90")
        assert np.isnan(reading.value[0])
        assert reading.text == "not reached"


def plethysmography(venous=20.0, tau=30.0, base=1.0, shift=0.0, scale=1.0):
    """Raise, stand (exponential filling by `venous`), one tiptoe to a third, stand, ten tiptoes to a fifth, raise."""
    steps = phases(
        ("raise", 60),
        ("stand", 300),
        ("tiptoes", 4, {"repeats": 1}, 4.0),
        ("stand", 60),
        ("tiptoes", 10, {"repeats": 10}, 1.0),
        ("stand", 120),
        ("raise", 60),
        start=shift,
    )

    def volume(t):
        t = t - shift
        full = step(t, 60, base, base + venous, tau)
        full = np.where((t > 360) & (t <= 364), base + venous * (1 - 2 / 3 * np.sin(np.pi * (t - 360) / 4)), full)
        full = np.where((t > 424) & (t <= 434), base + venous / 5, full)
        full = np.where(t > 554, base + venous * np.exp(-np.clip(t - 554, 0, None) / 5), full)
        return scale * full

    return by_formulas(steps, volume={"soleal sinuses, low": volume})


def levelled(tau, stretch=10.0, rise=0.005):
    """Share of an exponential filling at which its mean over a stretch exceeds the one before by too little to see."""
    decay = np.exp(-stretch / tau)
    starts = np.arange(0.0, 300.0, stretch / 4)
    left = np.exp(-starts / tau) * tau / stretch * (1 - decay)
    gap = left * (1 - decay) - rise * (1 - left)
    first = np.argmax(gap <= 0)
    share = gap[first - 1] / (gap[first - 1] - gap[first])
    return 1 - ((1 - share) * left[first - 1] + share * left[first]) * decay


class TestAirPlethysmography:
    def test_exponential_filling(self):
        filled = plethysmography(venous=20, tau=30)
        full = levelled(30)
        assert 0.98 < full < 1
        seconds = -30 * np.log(1 - 0.9 * full)
        assert float(measure(filled, "VV")) == pytest.approx(20 * full, rel=1e-3)
        assert float(measure(filled, "VFT90")) == pytest.approx(seconds, rel=2e-3)
        assert float(measure(filled, "VFI")) == pytest.approx(0.9 * 20 * full / seconds, rel=2e-3)

    def test_walls_that_creep_on_are_no_filling(self):
        def index(creep):
            def volume(t):
                after = np.clip(t - 60, 0, None)
                return step(t, 60, 1, 81, 4) + 80 * creep * -np.expm1(-after / 600)

            found = by_formulas(phases(("raise", 60), ("stand", 300)), volume={"soleal sinuses, low": volume})
            return float(measure(found, "VFI"))

        still = index(0.0)
        assert index(0.25) == pytest.approx(still, rel=0.15)
        # with the end for a plateau, the time to 90 % of it would be longer by more than half
        end = 1 + 0.25 * -np.expm1(-290 / 600)
        times = np.linspace(0.0, 300.0, 300001)
        trace = -np.expm1(-times / 4) + 0.25 * -np.expm1(-times / 600)
        assert times[np.argmax(trace >= 0.9 * end)] > 1.5 * 4 * np.log(10)

    def test_a_calf_that_never_levels_is_read_at_the_end(self):
        found = by_formulas(
            phases(("raise", 60), ("stand", 200)),
            volume={"soleal sinuses, low": lambda t: 1 + 0.1 * np.clip(t - 60, 0, None)},
        )
        assert float(measure(found, "VV")) == pytest.approx(19.5, rel=1e-2)

    def test_ejection_and_residual(self):
        filled = plethysmography()
        full = levelled(30)
        assert float(measure(filled, "EF")) == pytest.approx(100 * 2 / 3 / full, rel=2e-3)
        assert float(measure(filled, "EV")) == pytest.approx(20 * 2 / 3, rel=2e-3)
        assert float(measure(filled, "RVF")) == pytest.approx(20 / full, rel=2e-3)

    def test_drainage(self):
        filled = plethysmography()
        assert float(measure(filled, "VDT90")) == pytest.approx(5 * np.log(10), rel=2e-3)
        assert float(measure(filled, "venous drainage index")) == pytest.approx(18 / (5 * np.log(10)), rel=2e-3)

    @given(st.floats(5, 200), st.floats(5, 60), st.floats(0, 1000), st.floats(0.5, 2))
    @settings(max_examples=8, deadline=None)
    def test_scale_and_time_shift(self, venous, tau, shift, scale):
        plain = plethysmography(venous, tau)
        moved = plethysmography(venous, tau, shift=20 * np.round(shift / 20), scale=scale)
        for name, power in (("VV", 1), ("VFT90", 0), ("VFI", 1), ("EF", 0), ("RVF", 0), ("VDI", 1)):
            assert float(measure(moved, name)) == pytest.approx(float(measure(plain, name)) * scale**power, rel=1e-4)

    def test_gradient_of_filling_index(self):
        steps = phases(("raise", 60), ("stand", 200), sample=0.1)

        def index(rate):
            volume = {"soleal sinuses, low": lambda t: 1 + 20 * (1 - jnp.exp(-rate * jnp.clip(t - 60, 0)))}
            return measure(by_formulas(steps, volume=volume), "VFI").value[0]

        exact, by_hand = slopes(index, 0.05, 1e-6)
        assert exact == pytest.approx(by_hand, rel=1e-4)

    def test_only_what_lies_under_the_cuff_counts(self):
        lone = by_formulas(
            phases(("raise", 60), ("stand", 120)), volume={"great saphenous, calf [1]": lambda t: step(t, 60, 1, 11)}
        )
        assert float(measure(lone, "VV")) == pytest.approx(8)


def test_photoplethysmography():
    def volume(t):
        return np.where(t <= 60, 3.0, np.where(t <= 70, 1.0, 3 - 2 * np.exp(-(t - 70) / 10)))

    trained = by_formulas(
        phases(("stand", 60), ("tiptoes", 10, {"repeats": 10}, 1.0), ("stand", 60)),
        volume={"skin venules, lower calf": volume},
    )
    assert float(measure(trained, "PPG")) == pytest.approx(10 * np.log(10), rel=2e-3)


class TestDuplex:
    def released(self, speed, tau=0.2, area=0.1):
        # through two vessels: flow = velocity * area * 2
        def flow(t):
            since = t - 12
            return 2 * area * np.where(since < 0, 2.0, -speed * np.exp(-np.clip(since, 0, None) / tau))

        return by_formulas(
            phases(("stand", 10), ("stand", 2), ("cuff", 5, CALF_LET_GO), ("stand", 13), sample=0.005),
            flow={"great saphenous, thigh [1]": flow},
        )

    def test_reverse_flow_is_timed_above_one_centimetre_a_second(self):
        found = measure(self.released(20.0), "reflux duration in great saphenous, thigh")
        assert float(found) == pytest.approx(0.2 * np.log(20), abs=0.01)
        assert float(measure(self.released(20.0), "peak reflux velocity in great saphenous")) == pytest.approx(
            20, rel=0.02
        )

    def test_slow_backflow_is_none(self):
        assert float(measure(self.released(0.9), "reflux duration in great saphenous")) == 0

    def test_another_vein_has_none(self):
        assert float(measure(self.released(20.0), "reflux duration in femoral")) == 0

    def test_gradient_of_reflux_duration(self):
        def seconds(speed):
            def flow(t):
                return 0.2 * jnp.where(t < 12, 2.0, -speed * jnp.exp(-jnp.clip(t - 12, 0) / 0.2))

            steps = phases(("stand", 10), ("stand", 2), ("cuff", 5, CALF_LET_GO), ("stand", 13), sample=0.01)
            refluxing = by_formulas(steps, flow={"great saphenous, thigh [1]": flow})
            return measure(refluxing, "reflux duration in great saphenous").value[0]

        exact, by_hand = slopes(seconds, 20, 1e-4)
        assert exact == pytest.approx(by_hand, rel=1e-4)

    def test_velocity(self):
        flowing = by_formulas(phases(("lie", 30)), flow={"femoral [1]": lambda t: 0.8 + 0 * t})
        assert float(measure(flowing, "velocity in femoral")) == pytest.approx(4)

    def test_diameter_and_postural_change(self):
        # lumen of one vessel = volume / (2 * 5 cm)
        stood = by_formulas(
            phases(("lie", 60), ("stand", 60)),
            volume={"great saphenous, thigh [2]": lambda t: np.where(t <= 60, 0.81, 1.0)},
        )
        assert float(measure(stood, "saphenous postural change")) == pytest.approx(10)
        assert float(measure(stood, "diameter of great saphenous, thigh")) == pytest.approx(10 * np.sqrt(0.4 / np.pi))
        assert float(measure(stood, "cross-section of great saphenous, thigh")) == pytest.approx(10)


def test_volumes_by_region():
    stood = by_formulas(phases(("stand", 30)), volume={"popliteal": lambda t: 4 + 0 * t})
    assert float(measure(stood, "blood volume in knee")) == pytest.approx(8)
    whole = measure(stood, "leg blood volume")
    assert float(whole) == pytest.approx(sum(float(part[0]) for part in whole.parts.values()))


def test_flows():
    flowing = by_formulas(
        phases(("lie", 60), ("sit", 60)),
        inflow={
            "skin": lambda t: np.where(t <= 60, 0.5, 0.25),
            "muscle": lambda t: 1 + 0 * t,
            "other": lambda t: 9 + 0 * t,
        },
        flow={"common femoral [2] -> external iliac": lambda t: 2 + 0 * t},
    )
    assert float(measure(flowing, "popliteal arterial flow lying")) == pytest.approx(90)
    assert float(measure(flowing, "popliteal arterial flow sitting")) == pytest.approx(75)
    assert float(measure(flowing, "flow in")) == pytest.approx(75)
    assert float(measure(flowing, "flow out")) == pytest.approx(120)


class TestValves:
    def swinging(self, opening=0.3, closing=0.5):
        def zeta(t):
            phase = np.mod(t, 2.0)
            rise = np.clip(phase / opening, 0, 1)
            return rise - np.clip((phase - 1) / closing, 0, 1)

        return by_formulas(phases(("lie", 21), sample=0.01), valve={"femoral": zeta})

    def test_opening_and_closing(self):
        seen = self.swinging()
        assert float(measure(seen, "valve opening time of femoral, valve 1")) == pytest.approx(0.9 * 0.3, rel=0.01)
        assert float(measure(seen, "valve closing time of femoral, valve 1")) == pytest.approx(0.9 * 0.5, rel=0.01)
        state = measure(seen, "valve state of femoral, valve 1")
        assert state.parts["times opened"][0] == 10

    def test_a_valve_that_hardly_moves_has_no_opening_time(self):
        still = by_formulas(phases(("lie", 21)), valve={"femoral": lambda t: 0.2 + 0.1 * np.sin(t)})
        assert np.isnan(measure(still, "valve opening time of femoral, valve 1").value[0])

    def test_gradient(self):
        def seconds(opening):
            def zeta(t):
                phase = np.mod(t, 2.0)
                return jnp.tanh(phase / opening) - np.clip((phase - 1) / 0.5, 0, 1)

            return measure(
                by_formulas(phases(("lie", 20), sample=0.01), valve={"femoral": zeta}),
                "valve opening time of femoral, valve 1",
            ).value[0]

        exact, by_hand = slopes(seconds, 0.2, 1e-6)
        assert exact == pytest.approx(by_hand, rel=1e-4)


def test_collapse():
    shut = by_formulas(phases(("stand", 30)), volume={"great saphenous, calf [3]": lambda t: 0.2 + 0 * t})
    assert float(measure(shut, "collapse of great saphenous, calf")) == pytest.approx(100 / 3)
    assert float(measure(shut, "collapsed veins")) == pytest.approx(1)
    assert float(measure(shut, "fullness of great saphenous, calf [3]")) == pytest.approx(0.2)


class TestStrainGauge:
    def occluded(self):
        holds = [10, 20, 30, 40, 50, 60]
        steps = [("lie", 60)]
        steps += [("cuff", 60, {"cuff": "thigh shell", "cuff pressure": p, "posture": "lying"}) for p in holds]
        steps += [("cuff", 60, {"cuff": "thigh shell", "cuff pressure": 0.0, "released": 0.0, "posture": "lying"})]

        def cuff(t):
            return np.select([t <= 60, t > 420], [0, 0], 10 * np.ceil((t - 60) / 60))

        def volume(t):
            held = 20 * (0.574 + 0.0781 * cuff(t) - 0.0005 * cuff(t) ** 2)  # mL in 2000 mL
            return np.where(t <= 420, held, 20 + 49.2 * np.exp(-np.clip(t - 420, 0, None) / 2))

        return by_formulas(
            phases(*steps),
            surroundings={"thigh": cuff},
            volume={"soleal sinuses, low": volume},
            pressure={"": lambda t: np.where(t <= 420, 8 + 0.7 * cuff(t), 8.0)},
        )

    def test_slopes_of_a_parabola(self):
        held = self.occluded()
        assert float(measure(held, "calf compliance at 20 mmHg")) == pytest.approx(0.0581, rel=1e-3)
        assert float(measure(held, "calf compliance at 40 mmHg")) == pytest.approx(0.0381, rel=1e-3)

    def test_resistance_of_first_outflow(self):
        first = 49.2 * (1 - np.exp(-0.25)) / 0.5
        assert float(measure(self.occluded(), "calf outflow resistance")) == pytest.approx(0.7 * 60 / first, rel=0.05)


class TestAsking:
    def test_each_measure_has_what_people_need(self):
        names = [name.lower() for one in measures().values() for name in one.names]
        assert len(set(names)) == len(names)
        for one in measures().values():
            assert all((one.description, one.unit, one.instrument))
            assert ("{place}" in one.name) == (one.places is not None)

    def test_each_measure_stands_on_its_page(self):
        pages = Path(__file__).parents[2] / "docs" / "reference" / "measures"
        for one in measures().values():
            page = (pages / f"{one.instrument}.md").read_text()
            for name in one.names:
                assert f"`{name}`" in page, (one.instrument, name)
            assert not isinstance(one.manoeuvre, str) or f"`{one.manoeuvre}`" in page

    def test_each_manoeuvre_can_be_performed(self):
        for one in measures().values():
            if one.manoeuvre is not None:
                assert load_regimen(one.manoeuvre).steps

    def test_published_ranges_belong_to_measures(self):
        from venolymph.measures.reading import _published

        for name, ranges in _published().items():
            assert name in measures()
            for one in ranges:
                assert all((one.text, one.source, one.population))
                assert one.checked in ("read", "recalled")

    def test_published_range_depends_on_the_place(self):
        def high(place):
            both = phases(("stand", 12), ("cuff", 5, CALF_LET_GO), ("stand", 13))
            published = measure(by_formulas(both), f"reflux duration in {place}").published
            return published and published.high

        assert (high("great saphenous, thigh"), high("femoral"), high("external iliac")) == (0.5, 1.0, None)

    def test_nearest_name(self):
        with pytest.raises(MeasureError, match=re.escape("did you mean 'ankle pressure walking'?")):
            find("ankle presure walkin")

    def test_nearest_place(self):
        stood = by_formulas(phases(("stand", 30)))
        with pytest.raises(MeasureError, match="did you mean 'great saphenous, thigh'"):
            measure(stood, "pressure at great saphenus, thigh")
        with pytest.raises(MeasureError, match="did you mean 'knee'"):
            measure(stood, "blood volume in kneee")

    def test_a_missing_manoeuvre_is_performed_once_on_a_branch(self):
        stood = by_formulas(phases(("stand", 30)), performs=lambda regimen: plethysmography())
        assert float(measure(stood, "VFI")) > 0
        assert float(measure(stood, "EF")) > 0
        assert stood.asked == ["plethysmography"]

    def test_a_reading_says_that_its_manoeuvre_was_done_after_the_run(self):
        stood = by_formulas(phases(("stand", 60)), performs=lambda regimen: plethysmography())
        reading = measure(stood, "VFI")
        assert reading.performed == "plethysmography"
        assert reading.text.endswith(" mL/s (from 'plethysmography', done after the run)")
        held = measure(plethysmography(), "VFI")
        assert (held.performed, float(held)) == ("", float(reading))
        assert held.text.endswith(" mL/s")
        assert measure(stood, "ankle pressure").text == "10 mmHg"

    def test_reading_directly_says_what_is_missing(self):
        stood = by_formulas(phases(("stand", 30)))
        with pytest.raises(MeasureError) as caught:
            find("VFI")[0].read(stood)
        assert str(caught.value) == (
            "the run does not hold legs raised for 60 s, then standing still for 120 s; it holds stand (30 s)\n"
            "hint: `measure(run, ...)` performs the manoeuvre on a branch; or simulate a regimen that has it"
        )

    def test_several_members_are_named(self):
        both = by_formulas(phases(("stand", 30)), bodies=[instrumented(), instrumented()])
        reading = measure(both, "ankle pressure")
        assert reading.text == "member 1 10, member 2 10 mmHg"
        with pytest.raises(MeasureError, match="not one number"):
            float(reading)

    def test_a_reading_can_be_shown_while_traced(self):
        def value(pressure):
            reading = measure(
                by_formulas(phases(("stand", 30)), pressure={"": lambda t: pressure + 0 * t}), "ankle pressure"
            )
            assert "traced" in repr(reading)
            return reading.value[0]

        assert jax.grad(value)(5.0) == pytest.approx(1)


def test_pressure_at_heart_level_and_in_parts_of_the_stride():
    weight = float(instrumented().parameters.fluid.weight[0, 0])

    def pressure(t):
        share = np.mod(t - 60.0 - 1e-9, 1.0)
        return 100.0 + 40.0 * ((share > 0.4) & (share < 0.6)) - 20.0 * (share > 0.65)

    walked = by_formulas(
        phases(("stand", 60), ("walk", 30, {"stage": "cycles"}, 1.0)),
        pressure={ANKLE: pressure},
        height={ANKLE: lambda t: -100.0 + 0.0 * t},
    )
    place = "great saphenous, calf [1]"
    assert float(measure(walked, f"push-off pressure at {place}")) == pytest.approx(140 - 100 * weight, abs=1e-6)
    assert float(measure(walked, f"swing pressure at {place}")) == pytest.approx(80 - 100 * weight, abs=1e-6)
    mean = float(measure(walked, f"heart-level pressure at {place}"))
    assert mean == pytest.approx(100 + 0.2 * 40 - 0.35 * 20 - 100 * weight, abs=1.0)
    with pytest.raises(MeasureError, match="no walking or running"):
        measure(by_formulas(phases(("stand", 60))), f"swing pressure at {place}")


def test_fall_and_refill_of_any_vein_after_tiptoes():
    trained = by_formulas(
        phases(("stand", 60), ("tiptoes", 10, {"repeats": 10}, 1.0), ("stand", 90)),
        pressure={
            "popliteal": lambda t: np.where(t <= 60, 60.0, np.where(t <= 70, 40, 60 - 20 * np.exp((70 - t) / 8)))
        },
    )
    assert float(measure(trained, "fall of pressure at popliteal")) == pytest.approx(20)
    assert float(measure(trained, "90 % refill time at popliteal")) == pytest.approx(8 * np.log(10), rel=1e-3)


def test_emptying_of_an_exponential_after_a_thigh_cuff():
    let_go = {"cuff": "thigh shell", "cuff pressure": 0.0, "released": 0.0}
    held = {"cuff": "thigh shell", "cuff pressure": 80.0}
    emptied = by_formulas(
        phases(("lie", 60), ("cuff", 60, {**held, "posture": "lying"}), ("cuff", 60, {**let_go, "posture": "lying"})),
        volume={"great saphenous, calf": lambda t: step(t, 120, 3.0, 1.0, tau=4)},
    )
    assert float(measure(emptied, "share emptied in one second")) == pytest.approx(100 * (1 - np.exp(-0.25)), rel=1e-3)
    assert float(measure(emptied, "90 % emptying time")) == pytest.approx(4 * np.log(10), rel=1e-3)


def test_walking_takes_a_share_of_the_venous_volume():
    walked = by_formulas(
        phases(("raise", 120), ("stand", 180), ("walk", 30, {}, 1.0)),
        volume={"great saphenous, calf": lambda t: np.where(t <= 120, 1.0, np.where(t <= 300, 3.0, 2.0))},
    )
    assert float(measure(walked, "walking ejection fraction")) == pytest.approx(50)


def test_peak_velocity_and_flow_through_one_bed():
    stood = by_formulas(
        phases(("stand", 30)),
        flow={"femoral [1]": lambda t: 2.0 + np.sin(t)},
        inflow={"skin, lower calf": lambda t: 0.5 + 0 * t},
    )
    assert float(measure(stood, "peak velocity in femoral")) > float(measure(stood, "velocity in femoral"))
    assert float(measure(stood, "blood flow through skin, lower calf")) == pytest.approx(30)
    with pytest.raises(MeasureError, match="no bed named 'skin, nose'"):
        measure(stood, "blood flow through skin, nose")
