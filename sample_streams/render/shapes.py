"""Meshes and materials in a few words each. Runs inside Blender; everything is in metres, Z up."""

import random

import bpy

Point = tuple[float, float, float]
Colour = tuple[float, float, float]


def make_mesh(name: str, points: list[Point], faces: list[tuple[int, ...]], materials: list, slots: list[int]):
    """Return an object made of `faces`; slots[i] is the index of face i's material."""
    mesh = bpy.data.meshes.new(name)
    mesh.from_pydata(points, [], faces)
    for material in materials:
        mesh.materials.append(material)
    for polygon, slot in zip(mesh.polygons, slots, strict=True):
        polygon.material_index = slot
    mesh.update()
    thing = bpy.data.objects.new(name, mesh)
    bpy.context.scene.collection.objects.link(thing)
    return thing


def make_box(name: str, centre: Point, size: Point, material, bevel_m: float = 0.0):
    """Return a box, its edges rounded by `bevel_m`."""
    (x, y, z), (w, d, h) = centre, size
    points = [(x + i * w / 2, y + j * d / 2, z + k * h / 2) for i in (-1, 1) for j in (-1, 1) for k in (-1, 1)]
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    box = make_mesh(name, points, faces, [material], [0] * 6)
    if bevel_m:
        bevel = box.modifiers.new("bevel", "BEVEL")
        bevel.width, bevel.segments = bevel_m, 2
    return box


def make_sheet(name: str, corners: list[tuple[float, float]], z: float, material):
    """Return a flat polygon at height `z`."""
    return make_mesh(name, [(x, y, z) for x, y in corners], [tuple(range(len(corners)))], [material], [0])


def make_cylinder(name: str, centre: Point, radius_m: float, depth_m: float, material, axis: str = "Z"):
    """Return a cylinder along `axis`."""
    turn = {"X": (0.0, 1.5708, 0.0), "Y": (1.5708, 0.0, 0.0), "Z": (0.0, 0.0, 0.0)}[axis]
    bpy.ops.mesh.primitive_cylinder_add(vertices=20, radius=radius_m, depth=depth_m, location=centre, rotation=turn)
    cylinder = bpy.context.object
    cylinder.name = name
    cylinder.data.materials.append(material)
    return cylinder


def make_ball(name: str, centre: Point, radius_m: float, material, chance: random.Random):
    """Return an uneven ball (leaves)."""
    bpy.ops.mesh.primitive_ico_sphere_add(subdivisions=3, radius=radius_m, location=centre)
    ball = bpy.context.object
    ball.name = name
    ball.data.materials.append(material)
    for vertex in ball.data.vertices:
        vertex.co *= 1.0 + chance.uniform(-0.12, 0.12)
    for polygon in ball.data.polygons:
        polygon.use_smooth = True
    return ball


def make_paint(name: str, colour: Colour, roughness: float = 0.5, metallic: float = 0.0, coat: float = 0.0):
    """Return a plain material; `coat` is the clear lacquer of a car."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Base Color"].default_value = (*colour, 1.0)
    shader.inputs["Roughness"].default_value = roughness
    shader.inputs["Metallic"].default_value = metallic
    shader.inputs["Clearcoat"].default_value = coat
    return material


def make_grain(name: str, dark: Colour, light: Colour, scales: tuple[float, float], roughness: float = 0.9):
    """Return a ground material whose colour wanders between two tones at a coarse and a fine scale."""
    material = make_paint(name, dark, roughness)
    tree = material.node_tree
    place = tree.nodes.new("ShaderNodeNewGeometry")
    mix = tree.nodes.new("ShaderNodeMath")
    mix.operation = "ADD"
    for slot, (scale, weight) in enumerate(zip(scales, (0.6, 0.4), strict=True)):
        noise = tree.nodes.new("ShaderNodeTexNoise")
        noise.inputs["Scale"].default_value = scale
        noise.inputs["Detail"].default_value = 4.0
        tree.links.new(place.outputs["Position"], noise.inputs["Vector"])
        weigh = tree.nodes.new("ShaderNodeMath")
        weigh.operation = "MULTIPLY"
        weigh.inputs[1].default_value = weight
        tree.links.new(noise.outputs["Fac"], weigh.inputs[0])
        tree.links.new(weigh.outputs[0], mix.inputs[slot])
    ramp = tree.nodes.new("ShaderNodeValToRGB")
    for element, (at, colour) in zip(ramp.color_ramp.elements, ((0.35, dark), (0.65, light)), strict=True):
        element.position, element.color = at, (*colour, 1.0)
    tree.links.new(mix.outputs[0], ramp.inputs["Fac"])
    tree.links.new(ramp.outputs["Color"], tree.nodes["Principled BSDF"].inputs["Base Color"])
    return material


def make_lamp(name: str, colour: Colour, strength: float):
    """Return a glowing material (head and tail lamps)."""
    material = make_paint(name, colour, 0.2)
    shader = material.node_tree.nodes["Principled BSDF"]
    shader.inputs["Emission"].default_value = (*colour, 1.0)
    shader.inputs["Emission Strength"].default_value = strength
    return material


def gather(name: str, parts: list):
    """Return an empty that carries `parts`, so that a vehicle moves as one."""
    carrier = bpy.data.objects.new(name, None)
    bpy.context.scene.collection.objects.link(carrier)
    for part in parts:
        part.parent = carrier
    return carrier
